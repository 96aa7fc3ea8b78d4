package mapping

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"

	"pipeline/shared/localcloud/gateway/vtl"
)

// util is $util.
type util struct{}

// Property finds none: $util has methods only.
func (util) Property(string) (any, bool) { return nil, false }

// Call takes one argument, of which the text counts.
func (util) Call(name string, args []any) (any, bool, error) {
	f, ok := utilities[name]
	if !ok || len(args) != 1 {
		return nil, false, nil
	}
	text := ""
	if args[0] != nil {
		var err error
		if text, err = vtl.Text(args[0]); err != nil {
			return nil, true, err
		}
	}
	v, err := f(text)
	return v, true, err
}

var utilities = map[string]func(string) (any, error){
	"base64Encode":     func(s string) (any, error) { return base64Encode(s), nil },
	"base64Decode":     base64Decode,
	"urlEncode":        func(s string) (any, error) { return urlEncode(s), nil },
	"urlDecode":        urlDecode,
	"escapeJavaScript": func(s string) (any, error) { return escapeJavaScript(s), nil },
	"parseJson":        parseJSONText,
}

func base64Encode(s string) vtl.Deferred {
	return func(out []byte) []byte { return base64.StdEncoding.AppendEncode(out, []byte(s)) }
}

// base64Decode takes both alphabets, with and without padding.
func base64Decode(s string) (any, error) {
	s = strings.NewReplacer("-", "+", "_", "/", "\n", "", "\r", "", " ", "").Replace(strings.TrimRight(s, "= \r\n"))
	decoded, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("base64Decode: %w", err)
	}
	return strings.ToValidUTF8(string(decoded), "\uFFFD"), nil
}

// urlEncode is java.net.URLEncoder, which leaves "*" alone and not "~".
func urlEncode(s string) string {
	return strings.NewReplacer("%2A", "*", "~", "%7E").Replace(url.QueryEscape(s))
}

func urlDecode(s string) (any, error) {
	decoded, err := url.QueryUnescape(s)
	if err != nil {
		return nil, fmt.Errorf("urlDecode: %w", err)
	}
	return strings.ToValidUTF8(decoded, "\uFFFD"), nil
}

func parseJSONText(s string) (any, error) {
	v, err := ParseJSON(s)
	if err != nil {
		return nil, fmt.Errorf("parseJson: %w", err)
	}
	return v, nil
}

// escapeJavaScript is that of Apache Commons Lang 2, which quotes "/" and makes ' a \',
// as JSON does not allow it: hence the .replaceAll("\\'","'") in AWS's examples.
func escapeJavaScript(s string) string {
	var out strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		switch {
		case u > 0x7f:
			fmt.Fprintf(&out, `\u%04X`, u)
		case u < 0x20:
			out.WriteString(escapeControl(u))
		case strings.ContainsRune(`'"\/`, rune(u)):
			out.WriteByte('\\')
			out.WriteByte(byte(u))
		default:
			out.WriteByte(byte(u))
		}
	}
	return out.String()
}

func escapeControl(u uint16) string {
	if i := strings.IndexByte("\b\n\t\f\r", byte(u)); i >= 0 {
		return `\` + "bntfr"[i:i+1]
	}
	return fmt.Sprintf(`\u%04X`, u)
}
