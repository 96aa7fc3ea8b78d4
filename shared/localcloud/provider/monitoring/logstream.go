package monitoring

import (
	"context"
	"fmt"
	"strings"

	"pipeline/shared/localcloud/provider"
)

type logStreamArgs struct {
	Group string `pulumi:"logGroupName"`
	Name  string `pulumi:"name,optional"`
}

func (r resources) logStream() provider.Resource[logStreamArgs] {
	return provider.Resource[logStreamArgs]{
		Token:     "aws:cloudwatch/logStream:LogStream",
		ReplaceOn: []string{"*"}, AutoName: "name",
		Rules: map[string]func(any) error{"name": checkStreamName},
		Create: func(ctx context.Context, _ provider.Call, a logStreamArgs) (string, provider.Outputs, error) {
			if err := r.logs.CreateLogStream(ctx, a.Group, a.Name); err != nil {
				return "", nil, err
			}
			st, err := r.logs.Stream(ctx, a.Group, a.Name)
			return a.Name, provider.Outputs{"arn": st.ARN, "name": st.Name}, err
		},
		Read: func(ctx context.Context, id string, a logStreamArgs) (provider.Outputs, provider.Outputs, bool, error) {
			group, name, importing := strings.Cut(id, ":") // an import's ID is group:stream
			if !importing {
				group, name = a.Group, id
			}
			st, err := r.logs.Stream(ctx, group, name)
			ok, err := found(err)
			inputs := provider.Outputs{"logGroupName": group, "name": name}
			return inputs, provider.Outputs{"arn": st.ARN, "name": name}, ok, err
		},
		Delete: func(ctx context.Context, _ provider.Call, id string, a logStreamArgs) error {
			return gone(r.logs.DeleteLogStream(ctx, a.Group, a.Name))
		},
	}
}

func checkStreamName(v any) error {
	if name := v.(string); name == "" || len(name) > 512 || strings.ContainsAny(name, ":*") {
		return fmt.Errorf("is %q; want 1 to 512 characters without : and *", name)
	}
	return nil
}
