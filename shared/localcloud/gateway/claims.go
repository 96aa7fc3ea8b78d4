package gateway

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// claimTexts are a token's claims as $context.authorizer.claims has them: each a string.
func claimTexts(claims map[string]any) map[string]any {
	out := make(map[string]any, len(claims))
	for name, value := range claims {
		out[name] = claimText(name, value)
	}
	return out
}

// claimText is a claim as Lambda functions are given it by a REST API: exp and iat as Java
// prints a date, a list as its items with commas between them.
func claimText(name string, value any) string {
	switch v := value.(type) {
	case string:
		return v
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = claimText("", item)
		}
		return strings.Join(items, ",")
	case map[string]any:
		return asJSON(v)
	}
	seconds, isNumber := numericClaim(value)
	switch {
	case isNumber && (name == "exp" || name == "iat"):
		return time.Unix(seconds, 0).UTC().Format("Mon Jan 02 15:04:05 MST 2006")
	case isNumber:
		return strconv.FormatInt(seconds, 10)
	}
	return fmt.Sprint(value)
}

// numericClaim is a claim that is a whole number, in whichever type it was decoded.
func numericClaim(value any) (int64, bool) {
	switch v := value.(type) {
	case float64:
		return int64(v), v == float64(int64(v))
	case int64:
		return v, true
	case json.Number:
		n, err := v.Int64()
		return n, err == nil
	}
	return 0, false
}
