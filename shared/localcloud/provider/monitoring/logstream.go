package monitoring

import (
	"context"
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
		Create: func(ctx context.Context, a logStreamArgs) (string, provider.Outputs, error) {
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
			ok, err := absent.Found(err)
			inputs := provider.Outputs{"logGroupName": group, "name": name}
			return inputs, provider.Outputs{"arn": st.ARN, "name": name}, ok, err
		},
		Delete: func(ctx context.Context, id string, a logStreamArgs) error {
			return absent.Gone(r.logs.DeleteLogStream(ctx, a.Group, a.Name))
		},
	}
}
