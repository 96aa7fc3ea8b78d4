package vtl

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is Java's BigDecimal: unscaled times ten to the power of minus scale.
type Decimal struct {
	unscaled *big.Int
	scale    int
}

// maxScale bounds the exponent of a BigDecimal, whose digits are calculated one by one.
const maxScale = 10_000

// parseDecimal reads a JSON number.
func parseDecimal(s string) (Decimal, bool) {
	scale := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil || e > maxScale || e < -maxScale {
			return Decimal{}, false
		}
		s, scale = s[:i], -e
	}
	if whole, fraction, found := strings.Cut(s, "."); found {
		s, scale = whole+fraction, scale+len(fraction)
	}
	n, ok := new(big.Int).SetString(s, 10)
	return Decimal{n, scale}, ok
}

// toDecimal is the exact value of a double, and of a Long through a double, as Velocity
// does it.
func toDecimal(v any) Decimal {
	switch v := v.(type) {
	case Decimal:
		return v
	case *big.Int:
		return Decimal{v, 0}
	}
	f := toDouble(v)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Decimal{new(big.Int), 0}
	}
	r := new(big.Rat).SetFloat64(f)
	twos := r.Denom().BitLen() - 1 // the denominator of a double is a power of two
	fives := new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(twos)), nil)
	return Decimal{new(big.Int).Mul(r.Num(), fives), twos}
}

func powerOfTen(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// at is the unscaled value at a larger scale.
func (d Decimal) at(scale int) *big.Int {
	return new(big.Int).Mul(d.unscaled, powerOfTen(scale-d.scale))
}

func (d Decimal) compare(o Decimal) int {
	scale := max(d.scale, o.scale)
	return d.at(scale).Cmp(o.at(scale))
}

func (d Decimal) negated() Decimal { return Decimal{new(big.Int).Neg(d.unscaled), d.scale} }

func (d Decimal) plus(o Decimal) Decimal {
	scale := max(d.scale, o.scale)
	return Decimal{new(big.Int).Add(d.at(scale), o.at(scale)), scale}
}

func (d Decimal) times(o Decimal) Decimal {
	return Decimal{new(big.Int).Mul(d.unscaled, o.unscaled), d.scale + o.scale}
}

// over divides to the scale of d, rounding to the nearest and half down.
func (d Decimal) over(o Decimal) Decimal {
	numerator, denominator := new(big.Int).Set(d.unscaled), new(big.Int).Set(o.unscaled)
	if o.scale > 0 {
		numerator.Mul(numerator, powerOfTen(o.scale))
	} else {
		denominator.Mul(denominator, powerOfTen(-o.scale))
	}
	q, rest := new(big.Int).QuoRem(numerator, denominator, new(big.Int))
	if rest.Abs(rest).Lsh(rest, 1).CmpAbs(denominator) > 0 {
		q.Add(q, big.NewInt(int64(numerator.Sign()*denominator.Sign())))
	}
	return Decimal{q, d.scale}
}

// truncated is the whole part.
func (d Decimal) truncated() *big.Int {
	if d.scale <= 0 {
		return d.at(0)
	}
	return new(big.Int).Quo(d.unscaled, powerOfTen(d.scale))
}

// String is BigDecimal.toString: plain where the exponent is small, else scientific.
func (d Decimal) String() string {
	digits, sign := d.unscaled.String(), ""
	if d.unscaled.Sign() < 0 {
		digits, sign = digits[1:], "-"
	}
	exponent := len(digits) - 1 - d.scale
	switch {
	case d.scale == 0:
		return sign + digits
	case d.scale > 0 && exponent >= -6:
		if missing := d.scale + 1 - len(digits); missing > 0 {
			digits = strings.Repeat("0", missing) + digits
		}
		point := len(digits) - d.scale
		return sign + digits[:point] + "." + digits[point:]
	}
	if len(digits) > 1 {
		digits = digits[:1] + "." + digits[1:]
	}
	if exponent >= 0 {
		return sign + digits + "E+" + strconv.Itoa(exponent)
	}
	return sign + digits + "E" + strconv.Itoa(exponent)
}
