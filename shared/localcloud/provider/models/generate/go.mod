module pipeline/shared/localcloud/provider/models/generate

go 1.25.11

require github.com/aws/aws-sdk-go v1.55.8
