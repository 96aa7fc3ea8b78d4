package firehose

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/itchyny/gojq"
)

// queryTime bounds one run of a metadata query over one record.
const queryTime = time.Second

// process is what a stream does with each record: take it apart, extract its partition
// keys, put a delimiter behind it.
type process struct {
	subType      string // JSON or DELIMITED; empty leaves records whole
	subDelimiter []byte
	query        *gojq.Code
	beyondJQ     string   // what the query uses that JQ 1.6 does not have
	queryKeys    []string // the keys that the query makes; nil when only running it can tell
	delimiter    []byte
}

// piece is a part of a record on its way to an object.
type piece struct {
	data   []byte
	keys   map[string]string // partition keys; nil without partitioning
	failed *failure          // why it goes to the error prefix instead
}

// failure is a record that could not be processed, in the words of the error output.
type failure struct {
	code, message string
	passing       bool // processed again the record may be a good one
}

func newProcess(e ExtendedS3) (*process, error) {
	p := &process{}
	for _, step := range e.processors() {
		if err := p.add(step); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// processorParams are the parameters that each honoured processor takes.
var processorParams = map[string][]string{
	"RecordDeAggregation":     {"SubRecordType", "Delimiter"},
	"AppendDelimiterToRecord": {"Delimiter"},
	"MetadataExtraction":      {"MetadataExtractionQuery", "JsonParsingEngine"},
}

func (p *process) add(step Processor) error {
	params, ok := processorParams[step.Type]
	if !ok {
		return errInvalid("Processor type %s is not honoured by the local cloud; it has RecordDeAggregation, MetadataExtraction and AppendDelimiterToRecord", step.Type)
	}
	for _, given := range step.Parameters {
		if !slices.Contains(params, given.ParameterName) {
			return errInvalid("Processor %s has no parameter %s.", step.Type, given.ParameterName)
		}
	}
	switch step.Type {
	case "RecordDeAggregation":
		return p.addDeAggregation(step)
	case "MetadataExtraction":
		return p.addQuery(step)
	}
	p.delimiter = []byte("\n")
	if d := step.param("Delimiter"); d != "" {
		p.delimiter = []byte(unescape.Replace(d))
	}
	return nil
}

// unescape reads the delimiter as AWS does: the two characters \n are a line break.
var unescape = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r", `\t`, "\t")

func (p *process) addDeAggregation(step Processor) error {
	p.subType = step.param("SubRecordType")
	switch p.subType {
	case "JSON":
		return nil
	case "DELIMITED":
		d, err := base64.StdEncoding.DecodeString(step.param("Delimiter"))
		if err != nil || len(d) == 0 {
			return errInvalid("RecordDeAggregation with SubRecordType DELIMITED needs a Delimiter in base64.")
		}
		p.subDelimiter = d
		return nil
	}
	return errInvalid("RecordDeAggregation needs SubRecordType JSON or DELIMITED, not %q.", p.subType)
}

func (p *process) addQuery(step Processor) error {
	if engine := step.param("JsonParsingEngine"); engine != "JQ-1.6" {
		return errInvalid("MetadataExtraction needs JsonParsingEngine JQ-1.6, not %q.", engine)
	}
	q, err := gojq.Parse(step.param("MetadataExtractionQuery"))
	if err != nil {
		return errInvalid("MetadataExtractionQuery is no JQ query: %v", err)
	}
	if p.query, err = gojq.Compile(q); err != nil {
		return errInvalid("MetadataExtractionQuery is no JQ query: %v", err)
	}
	p.beyondJQ = beyondJQ(reflect.ValueOf(q), jqFunctions)
	if q.Term != nil && q.Term.Object != nil && len(q.Term.SuffixList) == 0 {
		for _, kv := range q.Term.Object.KeyVals {
			p.queryKeys = append(p.queryKeys, strings.TrimPrefix(kv.Key, "$"))
		}
	}
	return nil
}

// checkKeys refuses a prefix whose keys the query does not make.
func (p *process) checkKeys(keys []string) error {
	if p.queryKeys == nil || slices.Contains(p.queryKeys, "") { // a computed key
		return nil
	}
	for _, k := range keys {
		if !slices.Contains(p.queryKeys, k) {
			return errInvalid("Prefix uses the partition key %s, which MetadataExtractionQuery does not extract (it extracts %s).", k, strings.Join(p.queryKeys, ", "))
		}
	}
	return nil
}

// apply puts what becomes of a record behind pieces. The pieces hold parts of data.
func (p *process) apply(pieces []piece, data []byte, partitioned bool) []piece {
	if p.subType == "" {
		return append(pieces, p.piece(data, partitioned))
	}
	parts, failed := p.split(data)
	if failed != nil {
		return append(pieces, piece{data: data, failed: failed})
	}
	for _, part := range parts {
		pieces = append(pieces, p.piece(part, partitioned))
	}
	return pieces
}

func (p *process) piece(part []byte, partitioned bool) piece {
	pc := piece{data: part}
	if partitioned {
		pc.keys, pc.failed = p.extract(part)
	}
	if pc.failed == nil && p.delimiter != nil {
		pc.data = append(slices.Clip(part), p.delimiter...)
	}
	return pc
}

// maxParts is how many records AWS makes of one.
const maxParts = 500

func (p *process) split(data []byte) ([][]byte, *failure) {
	var parts [][]byte
	if p.subType == "JSON" {
		var failed *failure
		if parts, failed = splitJSON(data); failed != nil {
			return nil, failed
		}
	} else {
		parts = slices.DeleteFunc(bytes.Split(data, p.subDelimiter), func(b []byte) bool { return len(b) == 0 })
	}
	if len(parts) > maxParts {
		return nil, deaggregationFailed(fmt.Sprintf("the record holds %d records, more than %d", len(parts), maxParts))
	}
	return parts, nil
}

// splitJSON takes apart objects that stand one behind the other, whatever white space is
// between them. One over several lines is none to AWS.
func splitJSON(data []byte) ([][]byte, *failure) {
	var parts [][]byte
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		var value json.RawMessage
		err := dec.Decode(&value)
		if errors.Is(err, io.EOF) {
			return parts, nil
		}
		if err != nil || value[0] != '{' || bytes.ContainsAny(value, "\r\n") {
			return nil, deaggregationFailed("Non JSON record provided")
		}
		parts = append(parts, value)
	}
}

func deaggregationFailed(message string) *failure {
	return &failure{code: "DynamicPartitioning.DeaggregationFailed", message: message}
}

// extract runs the query over one record.
func (p *process) extract(data []byte) (map[string]string, *failure) {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, extractionFailed("Non JSON record provided")
	}
	ctx, cancel := context.WithTimeout(context.Background(), queryTime)
	defer cancel()
	result, ok := p.query.RunWithContext(ctx, value).Next()
	if err, isErr := result.(error); isErr {
		failed := extractionFailed(err.Error())
		failed.passing = ctx.Err() != nil // a busy processor
		return nil, failed
	}
	object, isObject := result.(map[string]any)
	if !ok || !isObject {
		return nil, extractionFailed("the query must make one JSON object")
	}
	keys := make(map[string]string, len(object))
	for name, v := range object {
		text, err := keyText(v)
		if err != nil {
			return nil, extractionFailed("partitionKeys values must not be null or empty")
		}
		keys[name] = text
	}
	return keys, nil
}

func extractionFailed(message string) *failure {
	return &failure{code: "DynamicPartitioning.MetadataExtractionFailed", message: message}
}

func keyText(v any) (string, error) {
	if s, ok := v.(string); ok && s != "" {
		return s, nil
	}
	switch v.(type) {
	case nil, string, map[string]any, []any:
		return "", fmt.Errorf("no key: %v", v)
	}
	b, err := json.Marshal(v)
	return string(b), err
}
