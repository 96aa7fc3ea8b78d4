package firehose

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"unicode/utf8"
	"unsafe"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/jsonread"
)

// quick is the operation f for bodies that read reads. The two operations that carry
// records are read without reflection, which takes several times as long. What is
// anything but a plain call goes the way of all operations, which also says what is wrong
// with it.
func quick[In, Out any](read func(body []byte) (*In, error), f func(context.Context, *In) (*Out, error)) awsjson.Operation {
	other := awsjson.Op(f)
	return func(ctx context.Context, body []byte) (any, error) {
		in, err := read(body)
		if err == nil {
			return f(ctx, in)
		}
		if err := checkSpelling(body); err != nil {
			return nil, err
		}
		return other(ctx, body)
	}
}

// checkSpelling refuses members that are AWS's but for upper and lower case: package json
// would read them, and AWS does not.
func checkSpelling(body []byte) error {
	var call any
	if json.Unmarshal(body, &call) != nil {
		return nil // the operation says what is wrong
	}
	if name := foreignMember(call); name != "" {
		return awsjson.Errorf("SerializationException", "%v", awsjson.ForeignError(name))
	}
	return nil
}

func foreignMember(value any) string {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			if !slices.Contains([]string{"DeliveryStreamName", "Record", "Records", "Data"}, name) {
				return name
			}
			if name := foreignMember(inner); name != "" {
				return name
			}
		}
	case []any:
		for _, inner := range v {
			if name := foreignMember(inner); name != "" {
				return name
			}
		}
	}
	return ""
}

func readPutRecord(body []byte) (*putRecordInput, error) {
	in := &putRecordInput{}
	return in, read(body, &in.DeliveryStreamName, "Record", func(r *jsonread.Reader) (err error) {
		in.Record = &data{}
		in.Record.Data, _, err = readRecord(r, []byte{})
		return err
	})
}

func readPutRecordBatch(body []byte) (*putRecordBatchInput, error) {
	in := &putRecordBatchInput{Records: make([]data, 0, maxBatchRecords)}
	space := make([]byte, 0, base64.StdEncoding.DecodedLen(len(body)))
	return in, read(body, &in.DeliveryStreamName, "Records", func(r *jsonread.Reader) error {
		return r.Array(func() (err error) {
			var record data
			record.Data, space, err = readRecord(r, space)
			in.Records = append(in.Records, record)
			return err
		})
	})
}

// errUnusual is about a body that is not of the plain form.
var errUnusual = errors.New("unusual")

// read reads an object with the stream's name and one more member. What is read may be a
// part of the body.
func read(body []byte, stream *string, member string, value func(*jsonread.Reader) error) error {
	r := jsonread.New(unsafe.String(unsafe.SliceData(body), len(body)))
	var named, filled bool
	err := r.Object(func(name string) (err error) {
		switch {
		case name == "DeliveryStreamName" && !named:
			named = true
			if *stream, err = r.String(); !utf8.ValidString(*stream) {
				err = errUnusual
			}
		case name == member && !filled:
			filled = true
			err = value(r)
		default:
			err = errUnusual
		}
		return err
	})
	if err == nil {
		err = r.End()
	}
	return err
}

// readRecord reads {"Data": "base64"}. The bytes are put behind those in space, which is
// returned with them.
func readRecord(r *jsonread.Reader, space []byte) (bytes, after []byte, err error) {
	err = r.Object(func(name string) error {
		if name != "Data" || bytes != nil {
			return errUnusual
		}
		text, err := r.String()
		if err == nil {
			at := len(space)
			space, err = base64.StdEncoding.AppendDecode(space, []byte(text))
			bytes = space[at:len(space):len(space)]
		}
		return err
	})
	return bytes, space, err
}
