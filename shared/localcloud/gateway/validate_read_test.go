package gateway

import (
	"encoding/json"
	"strings"
	"testing"

	"pipeline/shared/localcloud/jsonread"
)

// shapes are schemas with a shape.
var shapes = []string{
	`{}`,
	`{"$schema":"http://json-schema.org/draft-04/schema#","title":"Event","type":"object","required":["game","name"],"additionalProperties":false,"properties":{
		"id":{"type":"string","pattern":"^[a-z]{1,4}$"},"game":{"type":"string","minLength":1,"maxLength":5},"name":{},"data":{"type":"object"},"n":{"type":["integer","null"]}}}`,
	`{"type":"object","properties":{"events":{"type":"array","minItems":1,"maxItems":2,"items":{"type":["number","boolean","integer"]}}}}`,
	`{"type":"object","additionalProperties":false}`,
	`{"type":["array","string"],"maxItems":1,"minLength":2}`,
	`{"type":"integer"}`,
	`{"type":["integer","string"],"minimum":-1,"maximum":3,"minLength":1}`,
	`{"maximum":3}`,
	`{"type":"string","enum":["","doom"]}`,
	`{"type":"string","format":"date-time"}`,
	`{"format":"ipv4"}`,
}

func modelOf(t testing.TB, schema string) *servedModel {
	m, err := compileModel("https://models/", map[string]Model{"M": {Name: "M", Schema: schema}}, "M")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// bodies are some that follow one of the shapes, and some that are near.
var bodies = strings.Split(`{}
[]
[1]
[1,2]
""
"é"
"éé"
1
-0
-1
-2
4
3.5
12345678901234567890
"doom"
"2026-11-22T20:51:00Z"
"127.0.0.1"
1.0
1e3
true
null
{"game":"doom","name":null}
{"game":"doom","name":{"deep":[1,{"a":"\\u00e9"}]},"data":{},"n":3,"id":"abc"}
{"game":"doom","name":1,"n":null}
{"game":"doom","name":1,"n":1.0}
{"game":"doom","name":1,"id":"ABC"}
{"game":"ééééé","name":1}
{"game":"éééééé","name":1}
{"game":"","name":1}
{"game":"doom"}
{"game":"doom","name":1,"more":1}
{"game":"doom","name":1,"data":[]}
{"game":"doom","game":"quake","name":1}
{"game":1,"game":"quake","name":1}
{"game":"quake","game":1,"name":1}
{"events":[]}
{"events":[1]}
{"events":[1,true]}
{"events":[1,true,1.5]}
{"events":["1"]}
{"events":{}}
{"more":1}
{"game":"doom","name":1}}
{"game":"doom","name":}
{"game":"doom","name":1`, "\n")

func TestAShapeTakesWhatItsSchemaTakes(t *testing.T) {
	taken := 0
	for _, schema := range shapes {
		m := modelOf(t, schema)
		if m.shape == nil {
			t.Fatalf("%s has no shape", schema)
		}
		for _, body := range bodies {
			if m.shape.takes(body) {
				taken++
			}
			if got, want := m.shape.takes(body), m.allows(body); got != want && !unsure[body] {
				t.Errorf("%s of %s: the shape takes it: %v, the schema: %v", body, schema, got, want)
			}
		}
	}
	if taken < 2*len(shapes) {
		t.Errorf("the shapes take %d bodies only", taken)
	}
}

// unsure are bodies that a shape leaves to jsonschema: a number that is large or has a point, and what
// only the last of two members makes valid.
var unsure = map[string]bool{`1.0`: true, `3.5`: true, `12345678901234567890`: true, `1e3`: true, `{"game":"doom","name":1,"n":1.0}`: true, `{"game":1,"game":"quake","name":1}`: true}

// allows is what jsonschema says.
func (m *servedModel) allows(body string) bool {
	v, err := jsonread.Decode(body)
	return err == nil && m.schema.Validate(v) == nil
}

func TestASchemaWithMoreThanAShapeHasNone(t *testing.T) {
	for _, schema := range []string{
		`{"enum":["a"]}`, `{"type":"string","enum":["a",1]}`, `{"type":["string","null"],"enum":["a"]}`, `{"minimum":1.5}`, `{"maximum":1e30}`,
		`{"minimum":1,"exclusiveMinimum":true}`, `{"multipleOf":2}`, `{"not":{"type":"string"}}`,
		`{"anyOf":[{"type":"string"}]}`, `{"allOf":[{}]}`, `{"oneOf":[{}]}`, `{"uniqueItems":true}`, `{"minProperties":1}`, `{"maxProperties":1}`,
		`{"patternProperties":{"^a":{}}}`, `{"dependencies":{"a":["b"]}}`, `{"additionalProperties":{"type":"string"}}`,
		`{"items":[{}]}`, `{"items":{"enum":["a"]}}`, `{"properties":{"a":{"properties":{"b":{"enum":[1]}}}}}`,
		`{"required":["a"]}`, `{"definitions":{"a":{}},"$ref":"#/definitions/a"}`,
	} {
		if modelOf(t, schema).shape != nil {
			t.Errorf("%s has a shape", schema)
		}
	}
}

func FuzzAShapeTakesNothingThatItsSchemaRefuses(f *testing.F) {
	for _, body := range bodies {
		for i := range shapes {
			f.Add(i, body)
		}
	}
	models := make([]*servedModel, len(shapes))
	for i, schema := range shapes {
		models[i] = modelOf(f, schema)
	}
	f.Fuzz(func(t *testing.T, i int, body string) {
		m := models[uint(i)%uint(len(models))]
		if m.shape.takes(body) && !m.allows(body) {
			t.Errorf("%q is taken by the shape of %s", body, m.schema.Location)
		}
		if m.shape.takes(body) && !json.Valid([]byte(body)) {
			t.Errorf("%q is no JSON", body)
		}
	})
}

// BenchmarkCheck checks a batch of 500 events.
func BenchmarkCheck(b *testing.B) {
	m := modelOf(b, `{"type":"object","required":["events"],"additionalProperties":false,"properties":{"events":{"type":"array","minItems":1,"maxItems":500,"items":`+
		`{"type":"object","required":["game_name","event_name"],"additionalProperties":false,"properties":{"event_id":{"type":"string","pattern":"^[A-Za-z0-9._:-]{1,64}$"},`+
		`"game_name":{"type":"string","minLength":1,"maxLength":100},"event_name":{"type":"string","minLength":1,"maxLength":100},"event_data":{"type":"object"}}}}}}`)
	event := `{"game_name":"myfirst","event_name":"weapon.fired","event_data":{"weapon_name":"m4a1"}}`
	body := []byte(`{"events":[` + strings.Repeat(event+",", 499) + event + `]}`)
	b.ReportAllocs()
	for b.Loop() {
		if text := m.check(body); text != "" {
			b.Fatal(text)
		}
	}
}
