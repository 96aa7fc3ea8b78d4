package engine

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// Numeric is a NUMERIC value in decimal notation.
type Numeric string

// plainValue turns what DuckDB's driver gives into one of nil, bool, int64, float64,
// float32, string, Numeric, []byte and time.Time.
func plainValue(v any) any {
	switch v := v.(type) {
	case nil, bool, int64, float64, float32, string, []byte, time.Time:
		return v
	case int8:
		return int64(v)
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case uint8:
		return int64(v)
	case uint16:
		return int64(v)
	case uint32:
		return int64(v)
	case uint64:
		return Numeric(fmt.Sprint(v))
	case *big.Int:
		return Numeric(v.String())
	case duckdb.Decimal:
		return Numeric(decimalText(v.Value, int(v.Scale)))
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

func decimalText(value *big.Int, scale int) string {
	if scale == 0 {
		return value.String()
	}
	digits := new(big.Int).Abs(value).String()
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	sign := ""
	if value.Sign() < 0 {
		sign = "-"
	}
	return sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}

// Text is a value as Redshift prints it; t tells the times apart.
func Text(v any, t Type) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return "true"
		}
		return "false"
	case time.Time:
		return timeText(v, t)
	case []byte:
		return fmt.Sprintf("%x", v)
	case string:
		return v
	}
	return fmt.Sprint(v)
}

func timeText(v time.Time, t Type) string {
	if t.Name == "timestamp with time zone" {
		return string(AppendZoned(nil, v))
	}
	v = v.UTC()
	switch t.Name {
	case "date":
		return v.Format("2006-01-02")
	case "time without time zone":
		return v.Format("15:04:05.999999")
	}
	return v.Format("2006-01-02 15:04:05.999999")
}
