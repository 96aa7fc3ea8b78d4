package firehose

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"pipeline/shared/localcloud/awsjson"
)

const (
	// maxInFlight bounds the bodies of the requests that are served at the same time, in
	// bytes. Whoever comes beyond it is asked to slow down.
	maxInFlight = 128 << 20
	// smallBody is up to which length a body counts before it is read, in bytes. All that
	// connections can announce so is less than maxInFlight.
	smallBody = 8 << 10
)

// Handler serves AWS's JSON protocol, target prefix Firehose_20150804 (botocore service
// model firehose). Streams are made by the provider, not here.
func (s *Service) Handler() http.Handler {
	puts := map[string]awsjson.Operation{
		"PutRecord":      quick(readPutRecord, s.putRecordOp),
		"PutRecordBatch": quick(readPutRecordBatch, s.putRecordBatchOp),
	}
	all := map[string]awsjson.Operation{
		"DescribeDeliveryStream":    awsjson.Op(s.describeOp),
		"ListDeliveryStreams":       awsjson.Op(s.listOp),
		"ListTagsForDeliveryStream": awsjson.Op(s.listTagsOp),
	}
	maps.Copy(all, puts)
	return &bounded{Service: awsjson.Handler("firehose", all), puts: puts, inFlight: awsjson.Budget{Limit: maxInFlight}}
}

// bounded refuses requests while those being served hold too much memory.
type bounded struct {
	*awsjson.Service
	puts     map[string]awsjson.Operation // whose outputs are answers
	inFlight awsjson.Budget
}

func (b *bounded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, here := r.Body.(*awsjson.Body)
	if size := r.ContentLength; here || 0 <= size && size <= smallBody {
		defer b.inFlight.GiveBack(size)
		if !b.inFlight.Take(size) {
			awsjson.WriteError(w, errUnavailable())
			return
		}
	} else {
		body := &awsjson.Metered{ReadCloser: r.Body, Budget: &b.inFlight}
		defer body.Release()
		r.Body = body
	}
	body, err := awsjson.ReadBody(w, r)
	if errors.Is(err, awsjson.ErrBudget) {
		w.Header().Set("Connection", "close") // net/http would read the rest of the body first
		err = errUnavailable()
	}
	if err != nil {
		awsjson.WriteError(w, err)
		return
	}
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if put := b.puts[action]; put != nil {
		servePut(w, r, put, body)
		return
	}
	r.Body = awsjson.NewBody(body)
	b.Service.ServeHTTP(w, r)
}

// data is a record. Data is nil when the member is missing.
type data struct{ Data []byte }

type putRecordInput struct {
	DeliveryStreamName string
	Record             *data
}

type putRecordOutput struct {
	RecordId  string
	Encrypted bool
}

func (s *Service) putRecordOp(ctx context.Context, in *putRecordInput) (*putRecordOutput, error) {
	if in.DeliveryStreamName == "" {
		return nil, errConstraint("null", "deliveryStreamName", "Member must not be null")
	}
	if in.Record == nil {
		return nil, errConstraint("null", "record", "Member must not be null")
	}
	id, encrypted, err := s.PutRecord(ctx, in.DeliveryStreamName, in.Record.Data)
	return &putRecordOutput{id, encrypted}, err
}

type putRecordBatchInput struct {
	DeliveryStreamName string
	Records            []data
}

type putRecordBatchOutput struct {
	failed    int
	encrypted bool
	puts      []Put
}

func (s *Service) putRecordBatchOp(ctx context.Context, in *putRecordBatchInput) (*putRecordBatchOutput, error) {
	if in.DeliveryStreamName == "" {
		return nil, errConstraint("null", "deliveryStreamName", "Member must not be null")
	}
	records := make([][]byte, len(in.Records))
	for i, r := range in.Records {
		records[i] = r.Data
	}
	puts, encrypted, err := s.PutRecordBatch(ctx, in.DeliveryStreamName, records)
	if err != nil {
		return nil, err
	}
	out := &putRecordBatchOutput{encrypted: encrypted, puts: puts}
	for _, p := range puts {
		if p.ErrorCode != "" {
			out.failed++
		}
	}
	return out, nil
}

type listInput struct {
	Limit                            *int
	DeliveryStreamType               string
	ExclusiveStartDeliveryStreamName string
}

type listOutput struct {
	DeliveryStreamNames    []string
	HasMoreDeliveryStreams bool
}

func (s *Service) listOp(ctx context.Context, in *listInput) (*listOutput, error) {
	limit := 10
	if in.Limit != nil {
		limit = *in.Limit
	}
	if err := checkRange(limit, 1, 10000, "limit"); err != nil {
		return nil, err
	}
	names, err := s.ListDeliveryStreams(ctx)
	if err != nil {
		return nil, err
	}
	if kind := in.DeliveryStreamType; kind != "" {
		if err := checkEnum(kind, []string{"DirectPut", "KinesisStreamAsSource", "MSKAsSource", "DatabaseAsSource"}, "deliveryStreamType"); err != nil {
			return nil, err
		}
		if kind != "DirectPut" {
			names = []string{}
		}
	}
	start, found := slices.BinarySearch(names, in.ExclusiveStartDeliveryStreamName)
	if found {
		start++
	}
	names = names[start:]
	more := len(names) > limit
	return &listOutput{names[:min(limit, len(names))], more}, nil
}

type tag struct{ Key, Value string }

type listTagsInput struct {
	DeliveryStreamName   string
	ExclusiveStartTagKey string
	Limit                *int
}

type listTagsOutput struct {
	Tags        []tag
	HasMoreTags bool
}

// listTagsOp answers with all tags at once: there are 50 at most.
func (s *Service) listTagsOp(ctx context.Context, in *listTagsInput) (*listTagsOutput, error) {
	st, err := s.find(ctx, "ListTagsForDeliveryStream", in.DeliveryStreamName)
	if err != nil {
		return nil, err
	}
	if in.Limit != nil || in.ExclusiveStartTagKey != "" {
		return nil, errInvalid("ListTagsForDeliveryStream: the local cloud answers with all tags and takes no Limit and no ExclusiveStartTagKey")
	}
	out := &listTagsOutput{Tags: []tag{}}
	for k, v := range st.rec.Tags {
		out.Tags = append(out.Tags, tag{k, v})
	}
	slices.SortFunc(out.Tags, func(a, b tag) int {
		if a.Key < b.Key {
			return -1
		}
		return 1
	})
	return out, nil
}
