package redshift

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/redshift/engine"
	"pipeline/shared/localcloud/s3"
)

// copySource lets a cluster's COPY read S3 as whoever its credentials stand for.
type copySource struct {
	service *Service
	cluster string
}

// Region implements engine.Identities.
func (r *copySource) Region() string { return r.service.cfg.Region }

// As implements engine.Identities. A role must be attached to the cluster; that it
// trusts Redshift is found when S3 asks what it may do.
func (r *copySource) As(ctx context.Context, c engine.CopyCredentials) (context.Context, error) {
	if _, err := r.service.ways(r.cluster); err != nil {
		return nil, err
	}
	if c.Role == "" {
		caller, ok := r.service.cfg.Callers.Caller(c.AccessKeyID, c.SessionToken)
		if !ok {
			return nil, s3Error("The AWS Access Key Id you provided does not exist in our records.,Status 403,Error InvalidAccessKeyId")
		}
		return iam.WithCaller(ctx, caller), nil
	}
	cluster, err := r.service.GetCluster(r.cluster)
	if err != nil {
		return nil, err
	}
	role := c.Role
	if role == "default" {
		role = cluster.DefaultIAMRole
	}
	if role == "" || !slices.Contains(cluster.IAMRoles, role) {
		return nil, &Error{Code: "XX000", Message: fmt.Sprintf("User %s is not authorized to assume IAM Role %s",
			r.service.arn("dbuser", cluster.Identifier+"/"+cluster.MasterUsername), c.Role)}
	}
	return iam.WithCaller(ctx, iam.Caller{Service: "redshift.amazonaws.com", Role: role}), nil
}

// List implements engine.Files.
func (r *copySource) List(ctx context.Context, bucket, prefix string) ([]string, error) {
	if err := r.pass(ctx, "s3:ListBucket", bucket); err != nil {
		return nil, err
	}
	objects, err := r.service.cfg.Objects.ListObjects(ctx, bucket, prefix)
	if err != nil {
		return nil, s3Words(err)
	}
	keys := make([]string, len(objects))
	for i, o := range objects {
		keys[i] = o.Key
	}
	return keys, nil
}

// Open implements engine.Files.
func (r *copySource) Open(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
	if err := r.pass(ctx, "s3:GetObject", bucket+"/"+key); err != nil {
		return nil, err
	}
	body, err := r.service.cfg.Objects.GetObject(ctx, bucket, key)
	if err != nil {
		return nil, s3Words(err)
	}
	return body, nil
}

// s3Words are Redshift's for what S3 refused: "<message>,Status <n>,Error <code>". Of a
// denial they tell more than AWS's do: who may not do what.
func s3Words(err error) error {
	var denied *iam.Denied
	if errors.As(err, &denied) {
		return errors.New("Access Denied,Status 403,Error AccessDenied,Rid 0,ExtRid 0,CanRetry 1: " + denied.Error())
	}
	var refused *s3.Error
	if errors.As(err, &refused) {
		return fmt.Errorf("%s,Status %d,Error %s,Rid 0,ExtRid 0,CanRetry 1", refused.Message, refused.Status(), refused.Code)
	}
	return err
}

func s3Error(words string) error {
	return &Error{Code: "XX000", Message: "S3ServiceException:" + words}
}
