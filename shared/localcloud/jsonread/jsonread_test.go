package jsonread_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pipeline/shared/localcloud/jsonread"
)

var texts = []string{
	`{"a":[1,-2.5e+3,true,false,null,"x\n\"\\\/é😀"],"b":{"":{}},"a":0}`, `[]`, ` [ 1 , 2 ] `, `""`, `0`, `-0`, `1E5`,
	`"\ud800"`, "\"é\"",
	``, ` `, `{`, `}`, `[1,]`, `[,1]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `01`, `-`, `1.`, `.5`, `1e`, `+1`, `tru`, `nul`,
	`"a`, `"\x"`, `"\u12"`, "\"\n\"", `1 2`, `{} x`, "\x00", "1\x00", `[1`, `"\`,
}

func TestJSONIsReadAsEncodingJSONReadsIt(t *testing.T) {
	for _, text := range texts {
		compare(t, text)
	}
}

func compare(t *testing.T, text string) {
	t.Helper()
	got, err := jsonread.Decode(text)
	if errors.Is(err, jsonread.ErrTooDeep) {
		return
	}
	if valid := json.Valid([]byte(text)); valid != (err == nil) {
		t.Fatalf("%q is read with error %v; encoding/json says valid: %v", text, err, valid)
	}
	if err != nil || !utf8.ValidString(text) { // encoding/json replaces what is no UTF-8
		return
	}
	var want any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q is %#v, want %#v", text, got, want)
	}
}

func TestAValueIsHandedOutAsItIsWritten(t *testing.T) {
	r := jsonread.New(` {"a": [1, {"b" : null}] , "c":2}`)
	var raws []string
	err := r.Object(func(name string) error {
		raw, err := r.Raw()
		raws = append(raws, name+"="+raw)
		return err
	})
	if got, want := strings.Join(raws, ";"), `a=[1, {"b" : null}];c=2`; err != nil || got != want {
		t.Errorf("read %s (%v), want %s", got, err, want)
	}
}

func TestDeepNestingIsRefused(t *testing.T) {
	for _, open := range []string{"[", `{"a":`} {
		if err := jsonread.New(strings.Repeat(open, 10<<20/len(open))).Skip(); !errors.Is(err, jsonread.ErrTooDeep) {
			t.Errorf("%s...: the error is %v, want %v", open, err, jsonread.ErrTooDeep)
		}
	}
	fits := strings.Repeat("[", jsonread.MaxDepth) + strings.Repeat("]", jsonread.MaxDepth)
	if err := jsonread.New(fits).Skip(); err != nil {
		t.Errorf("%d deep: %v", jsonread.MaxDepth, err)
	}
}

func FuzzRead(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(compare)
}

func BenchmarkSkip(b *testing.B) {
	event := `{"game_name":"myfirst","event_name":"weapon.fired","event_data":{"weapon_name":"m4a1","round":12345,"hit":true}}`
	text := `{"events":[` + strings.Repeat(event+",", 499) + event + `]}`
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if err := jsonread.New(text).Skip(); err != nil {
			b.Fatal(err)
		}
	}
}

func TestOddIsWhatCouldBeWrittenOtherwise(t *testing.T) {
	for text, odd := range map[string]bool{
		`{"a":[1,-23,true,null,{"b":"c/d"}],"":""}`: false, `123456789`: false,
		`{"a": 1}`: true, `[1 ]`: true, "[\n1]": true, `"\u0061"`: true, `"\/"`: true, `"é"`: true, "\"\x7f\"": true,
		`-0`: true, `1.0`: true, `1e2`: true, `1E2`: true, `1234567890`: true,
	} {
		r := jsonread.New(text)
		if err := r.Skip(); err != nil || r.Odd() != odd {
			t.Errorf("%s is odd: %v (%v), want %v", text, r.Odd(), err, odd)
		}
	}
}

// Long strings are read eight bytes at a time: each byte ends that, wherever it is.
func TestALongStringIsReadAsAShortOne(t *testing.T) {
	for c := range 256 {
		for at := range 24 {
			text := []byte(strings.Repeat("x", 24))
			text[at] = byte(c)
			document := append(append([]byte{'"'}, text...), '"')
			r := jsonread.New(string(document))
			got, err := r.String()
			if err == nil {
				err = r.End()
			}
			var want string
			if invalid := json.Unmarshal(document, &want) != nil; invalid != (err != nil) || !invalid && utf8.Valid(text) && got != want {
				t.Errorf("%q is read as %q (%v), want %q, invalid %v", document, got, err, want, invalid)
			}
		}
	}
}

func BenchmarkString(b *testing.B) {
	text := `"` + strings.Repeat("x", 150) + `"`
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r := jsonread.New(text)
		if _, err := r.String(); err != nil {
			b.Fatal(err)
		}
	}
}
