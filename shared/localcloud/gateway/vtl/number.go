package vtl

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
)

// arithmetic is one of the five operations.
type arithmetic int

const (
	add arithmetic = iota
	subtract
	multiply
	divide
	modulo
)

// parseInteger is the smallest class that holds a whole number.
func parseInteger(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return fitInt(n)
	}
	n, _ := new(big.Int).SetString(text, 10)
	return n
}

func parseFloat(text string) any {
	f, _ := strconv.ParseFloat(text, 64) // what is too large is infinite, in Java too
	return f
}

// digits is a number of more than maxNumberText characters: making a BigInteger of it takes
// a time that grows with the square of its length. It prints as it is written, and to
// calculate with it is an error.
type digits string

func (d digits) String() string { return string(d) }

// maxNumberText is about what maxBits allow.
const maxNumberText = 20_000

// ParseNumber is the value of a JSON number: Integer, Long or BigInteger without a point
// or exponent, else Double, or BigDecimal where Double would lose digits. One of more than
// 20,000 characters can only be printed.
func ParseNumber(s string) any {
	if len(s) > maxNumberText {
		return digits(s)
	}
	for i := range len(s) {
		if s[i] == '.' || s[i] == 'e' || s[i] == 'E' {
			return parseDecimalNumber(s)
		}
	}
	return parseInteger(s)
}

// maxDoubleText is the length of text up to which json-smart, the JSON parser of
// API Gateway's JSONPath library, makes a Double of a number.
const maxDoubleText = 18

func parseDecimalNumber(s string) any {
	if len(s) > maxDoubleText {
		if d, ok := parseDecimal(s); ok {
			return d
		}
	}
	return parseFloat(s)
}

func isNumber(v any) bool {
	switch v.(type) {
	case int32, int64, float64, *big.Int, Decimal, Float, Short, Byte:
		return true
	}
	return false
}

// areNumbers says whether a and b can be calculated with: both are numbers. It is an error
// where one of them is digits.
func areNumbers(a, b any) (bool, error) {
	_, longA := a.(digits)
	_, longB := b.(digits)
	if longA || longB {
		return false, fmt.Errorf("%w: a number of more than %d characters", ErrLimit, maxNumberText)
	}
	return isNumber(a) && isNumber(b), nil
}

// toInt is Number.intValue.
func toInt(v any) int32 {
	if single, ok := v.(Float); ok {
		v = float64(single)
	}
	if f, ok := v.(float64); ok {
		switch {
		case math.IsNaN(f):
			return 0
		case f >= math.MaxInt32:
			return math.MaxInt32
		case f <= math.MinInt32:
			return math.MinInt32
		}
	}
	return int32(toLong(v))
}

// toLong is Number.longValue.
func toLong(v any) int64 {
	switch v := v.(type) {
	case int32:
		return int64(v)
	case int64:
		return v
	case float64:
		return doubleToLong(v)
	case Float:
		return doubleToLong(float64(v))
	case Short:
		return int64(v)
	case Byte:
		return int64(v)
	case *big.Int:
		return lowBits(v)
	case Decimal:
		return lowBits(v.truncated())
	}
	return 0
}

func doubleToLong(f float64) int64 {
	switch {
	case math.IsNaN(f):
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// lowBits is what BigInteger.longValue leaves of a number that is too large.
func lowBits(n *big.Int) int64 {
	mask := new(big.Int).SetUint64(math.MaxUint64)
	return int64(new(big.Int).And(n, mask).Uint64())
}

// toDouble is Number.doubleValue.
func toDouble(v any) float64 {
	switch v := v.(type) {
	case int32:
		return float64(v)
	case int64:
		return float64(v)
	case float64:
		return v
	case Float:
		return float64(v)
	case Short, Byte:
		return float64(toLong(v))
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f
	case Decimal:
		f, _ := strconv.ParseFloat(v.String(), 64)
		return f
	}
	return 0
}

// toFloat is Number.floatValue, rounded once.
func toFloat(v any) Float {
	switch v := v.(type) {
	case int64:
		return Float(v)
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float32()
		return Float(f)
	case Decimal:
		f, _ := strconv.ParseFloat(v.String(), 32)
		return Float(f)
	}
	return Float(toDouble(v))
}

func toBig(v any) *big.Int {
	if n, ok := v.(*big.Int); ok {
		return n
	}
	return big.NewInt(toLong(v))
}

// ground is the class in which two numbers are calculated.
type ground int

const (
	longs ground = iota
	bigs
	floats
	doubles
	decimals
)

func groundOf(left, right any) ground {
	isBig := func(v any) bool { _, ok := v.(*big.Int); return ok }
	isDouble := func(v any) bool { _, ok := v.(float64); return ok }
	isDecimal := func(v any) bool { _, ok := v.(Decimal); return ok }
	isFloat := func(v any) bool { _, ok := v.(Float); return ok }
	double := isDouble(left) || isDouble(right)
	float := isFloat(left) || isFloat(right)
	big := isBig(left) || isBig(right)
	switch {
	case isDecimal(left) || isDecimal(right) || (double || float) && big:
		return decimals
	case double:
		return doubles
	case float:
		return floats
	case big:
		return bigs
	}
	return longs
}

func compareNumbers(left, right any) int {
	switch groundOf(left, right) {
	case decimals:
		return toDecimal(left).compare(toDecimal(right))
	case floats:
		return order(float64(toFloat(left)), float64(toFloat(right)))
	case doubles:
		return order(toDouble(left), toDouble(right))
	case bigs:
		return toBig(left).Cmp(toBig(right))
	}
	return order(toLong(left), toLong(right))
}

func order[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// doubleBits is Double.doubleToLongBits, which has one NaN.
func doubleBits(f float64) uint64 {
	if math.IsNaN(f) {
		return 0x7ff8 << 48
	}
	return math.Float64bits(f)
}

// compareDoubles is Double.compare: -0.0 is less than 0.0, and NaN more than all others.
func compareDoubles(a, b float64) int {
	if c := order(a, b); c != 0 {
		return c
	}
	return order(int64(doubleBits(a)), int64(doubleBits(b)))
}

// maxBits is the size of the numbers that a template can calculate with.
const maxBits = 1 << 16

func isHuge(v any) bool {
	switch v := v.(type) {
	case *big.Int:
		return v.BitLen() > maxBits
	case Decimal:
		return v.unscaled.BitLen() > maxBits || v.scale > maxScale || v.scale < -maxScale
	}
	return false
}

// apply calculates; null for a division by zero.
func (op arithmetic) apply(left, right any) (any, error) {
	if isHuge(left) || isHuge(right) {
		return nil, fmt.Errorf("%w: a number of more than %d bits", ErrLimit, maxBits)
	}
	if (op == divide || op == modulo) && isZero(right) {
		return nil, nil
	}
	switch groundOf(left, right) {
	case decimals:
		return op.decimals(toDecimal(left), toDecimal(right))
	case floats:
		return Float(op.doubles(float64(toFloat(left)), float64(toFloat(right)))), nil
	case doubles:
		return op.doubles(toDouble(left), toDouble(right)), nil
	case bigs:
		return op.bigs(toBig(left), toBig(right))
	}
	return op.longs(toLong(left), toLong(right), max(bitsOf(left), bitsOf(right))), nil
}

func isZero(v any) bool {
	switch v := v.(type) {
	case *big.Int:
		return v.Sign() == 0
	case Decimal:
		return v.unscaled.Sign() == 0
	}
	return toDouble(v) == 0
}

func (op arithmetic) doubles(a, b float64) float64 {
	switch op {
	case add:
		return a + b
	case subtract:
		return a - b
	case multiply:
		return a * b
	case divide:
		return a / b
	}
	return math.Mod(a, b)
}

// longs are calculated with 64 bits and give a BigInteger where those overflow, else the
// class of the wider operand if it holds the result.
func (op arithmetic) longs(a, b int64, bits int) any {
	var n int64
	overflow := false
	switch op {
	case add:
		n = a + b
		overflow = (n^a) < 0 && (n^b) < 0
	case subtract:
		n = a - b
		overflow = (n^a) < 0 && (n^^b) < 0
	case multiply:
		n = a * b
		overflow = b != 0 && n/b != a
	case divide:
		n = a / b
	case modulo:
		n = a % b
	}
	if overflow {
		exact, _ := op.bigs(big.NewInt(a), big.NewInt(b))
		return exact
	}
	return fit(n, bits)
}

var (
	errModulus  = errors.New("java.lang.ArithmeticException: BigInteger: modulus not positive")
	errDecimals = errors.New("java.lang.ArithmeticException: cannot calculate the modulo of BigDecimals")
)

func (op arithmetic) bigs(a, b *big.Int) (any, error) {
	n := new(big.Int)
	switch op {
	case add:
		return n.Add(a, b), nil
	case subtract:
		return n.Sub(a, b), nil
	case multiply:
		return n.Mul(a, b), nil
	case divide:
		return n.Quo(a, b), nil
	}
	if b.Sign() < 0 {
		return nil, errModulus
	}
	return n.Mod(a, b), nil
}

func (op arithmetic) decimals(a, b Decimal) (any, error) {
	switch op {
	case add:
		return a.plus(b), nil
	case subtract:
		return a.plus(b.negated()), nil
	case multiply:
		return a.times(b), nil
	case divide:
		return a.over(b), nil
	}
	return nil, errDecimals
}

// doubleText is Double.toString, or Float.toString with 32 bits.
func doubleText(f float64, bits int) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		if math.Signbit(f) {
			return "-0.0"
		}
		return "0.0"
	}
	if size := math.Abs(f); size >= 1e-3 && size < 1e7 {
		return withPoint(strconv.FormatFloat(f, 'f', -1, bits))
	}
	s := strconv.FormatFloat(f, 'e', -1, bits) // d.ddde±xx
	e := 0
	for s[e] != 'e' {
		e++
	}
	exponent, _ := strconv.Atoi(s[e+1:])
	return withPoint(s[:e]) + "E" + strconv.Itoa(exponent)
}

// withPoint gives a number at least one digit after its point.
func withPoint(s string) string {
	for i := range len(s) {
		if s[i] == '.' {
			return s
		}
	}
	return s + ".0"
}
