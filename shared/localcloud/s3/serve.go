package s3

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
)

func (s *Service) serveCreateBucket(w http.ResponseWriter, r *http.Request, t target) error {
	var in struct {
		XMLName            xml.Name `xml:"CreateBucketConfiguration"`
		LocationConstraint string
		Other              []struct{ XMLName xml.Name } `xml:",any"`
	}
	if err := decode(r.Body, &in); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(in.Other) > 0 {
		return notServed("%s of a new bucket", in.Other[0].XMLName.Local)
	}
	if in.LocationConstraint == "" && s.region != "us-east-1" {
		return errorf("IllegalLocationConstraintException", "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.")
	}
	if in.LocationConstraint != "" && in.LocationConstraint != s.region {
		return errorf("IllegalLocationConstraintException",
			"The %s location constraint is incompatible for the region specific endpoint this request was sent to.", in.LocationConstraint)
	}
	if _, err := s.createBucket(s.kept.Apart(), t.bucket, nil); err != nil {
		return err
	}
	w.Header().Set("Location", "/"+t.bucket)
	w.WriteHeader(http.StatusOK)
	return nil
}

// maxXML bounds a request's document, in bytes: a thousand keys of the longest.
const maxXML = 4 << 20

func decode(body io.Reader, in any) error {
	data, err := io.ReadAll(io.LimitReader(body, maxXML))
	if err != nil {
		return err
	}
	if len(data) == 0 {
		return io.EOF
	}
	if xml.Unmarshal(data, in) != nil {
		return malformedXML()
	}
	return nil
}

func (s *Service) serveHeadBucket(w http.ResponseWriter, _ *http.Request, _ target) error {
	w.Header().Set("X-Amz-Bucket-Region", s.region)
	w.WriteHeader(http.StatusOK)
	return nil
}

type deleteResult struct {
	XMLName xml.Name      `xml:"http://s3.amazonaws.com/doc/2006-03-01/ DeleteResult"`
	Deleted []deletedKey  `xml:"Deleted"`
	Errors  []deleteError `xml:"Error"`
}

type deletedKey struct{ Key string }

type deleteError struct{ Key, Code, Message string }

// serveDeleteObjects allows, and deletes, each key on its own.
func (s *Service) serveDeleteObjects(w http.ResponseWriter, r *http.Request, t target) error {
	var in struct {
		XMLName xml.Name `xml:"Delete"`
		Quiet   bool
		Object  []struct {
			Key, VersionId string
			Other          []struct{ XMLName xml.Name } `xml:",any"`
		}
	}
	if err := decode(r.Body, &in); err != nil || len(in.Object) == 0 || len(in.Object) > 1000 {
		return malformedXML()
	}
	if _, err := s.bucket(t.bucket); err != nil {
		return err
	}
	for _, o := range in.Object {
		if o.VersionId != "" && o.VersionId != "null" {
			return notServed("versions of objects")
		}
		if len(o.Other) > 0 {
			return notServed("%s of an object to be deleted", o.Other[0].XMLName.Local)
		}
	}
	var out deleteResult
	for _, o := range in.Object {
		err := s.allow(r.Context(), access{action: "s3:DeleteObject", bucket: t.bucket, key: o.Key, anonymous: t.anonymous})
		if err == nil {
			_, err = s.objects.delete(t.bucket, o.Key, nil)
		}
		out.add(o.Key, in.Quiet, err)
	}
	writeXML(w, http.StatusOK, out)
	return nil
}

func (out *deleteResult) add(key string, quiet bool, err error) {
	var e *Error
	switch {
	case errors.As(err, &e):
		out.Errors = append(out.Errors, deleteError{key, e.Code, e.Message})
	case err != nil:
		out.Errors = append(out.Errors, deleteError{key, "InternalError", err.Error()})
	case !quiet:
		out.Deleted = append(out.Deleted, deletedKey{key})
	}
}

func (s *Service) serveLocation(w http.ResponseWriter, _ *http.Request, _ target) error {
	region := s.region
	if region == "us-east-1" { // S3's first region has no name
		region = ""
	}
	writeXML(w, http.StatusOK, struct {
		XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
		Location string   `xml:",chardata"`
	}{Location: region})
	return nil
}

func (s *Service) serveVersioning(w http.ResponseWriter, _ *http.Request, t target) error {
	b, err := s.GetBucket(t.bucket)
	if err != nil {
		return err
	}
	writeXML(w, http.StatusOK, struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ VersioningConfiguration"`
		Status  string   `xml:",omitempty"`
	}{Status: b.Versioning})
	return nil
}

func (s *Service) servePolicy(w http.ResponseWriter, _ *http.Request, t target) error {
	b, err := s.policyOf(t.bucket)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = io.WriteString(w, b.Policy)
	return err
}

func (s *Service) policyOf(name string) (*bucket, error) {
	b, err := s.bucket(name)
	if err == nil && b.policy == nil {
		err = errorf("NoSuchBucketPolicy", "The bucket policy does not exist")
	}
	return b, err
}

func (s *Service) servePolicyStatus(w http.ResponseWriter, _ *http.Request, t target) error {
	b, err := s.policyOf(t.bucket)
	if err != nil {
		return err
	}
	writeXML(w, http.StatusOK, struct {
		XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ PolicyStatus"`
		IsPublic bool
	}{IsPublic: b.policy.Public()})
	return nil
}

func (s *Service) serveEncryption(w http.ResponseWriter, _ *http.Request, t target) error {
	b, err := s.GetBucket(t.bucket)
	if err != nil {
		return err
	}
	writeXML(w, http.StatusOK, struct {
		XMLName   xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ServerSideEncryptionConfiguration"`
		Algorithm string   `xml:"Rule>ApplyServerSideEncryptionByDefault>SSEAlgorithm"`
		BucketKey bool     `xml:"Rule>BucketKeyEnabled"`
	}{Algorithm: b.Encryption.Algorithm, BucketKey: b.Encryption.BucketKey})
	return nil
}

func (s *Service) servePublicAccessBlock(w http.ResponseWriter, _ *http.Request, t target) error {
	b, err := s.GetBucket(t.bucket)
	if err != nil {
		return err
	}
	if b.PublicAccessBlock == nil {
		return errorf("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")
	}
	writeXML(w, http.StatusOK, struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ PublicAccessBlockConfiguration"`
		*PublicAccessBlock
	}{PublicAccessBlock: b.PublicAccessBlock})
	return nil
}

func (s *Service) serveOwnership(w http.ResponseWriter, _ *http.Request, t target) error {
	b, err := s.GetBucket(t.bucket)
	if err != nil {
		return err
	}
	if b.Ownership == "" {
		return errorf("OwnershipControlsNotFoundError", "The bucket ownership controls were not found")
	}
	writeXML(w, http.StatusOK, struct {
		XMLName   xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ OwnershipControls"`
		Ownership string   `xml:"Rule>ObjectOwnership"`
	}{Ownership: b.Ownership})
	return nil
}

type xmlRule struct {
	ID         string
	Prefix     string `xml:"Filter>Prefix"`
	Status     string
	Expiration *xmlDays `xml:",omitempty"`
	Abort      *xmlDays `xml:"AbortIncompleteMultipartUpload,omitempty"`
}

type xmlDays struct {
	Days       int `xml:",omitempty"`
	Initiation int `xml:"DaysAfterInitiation,omitempty"`
}

func (s *Service) serveLifecycle(w http.ResponseWriter, _ *http.Request, t target) error {
	b, err := s.GetBucket(t.bucket)
	if err != nil {
		return err
	}
	if len(b.Lifecycle) == 0 {
		return errorf("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
	}
	var rules []xmlRule
	for _, r := range b.Lifecycle {
		rule := xmlRule{ID: r.ID, Prefix: r.Prefix, Status: "Disabled"}
		if r.Enabled {
			rule.Status = "Enabled"
		}
		if r.ExpirationDays > 0 {
			rule.Expiration = &xmlDays{Days: r.ExpirationDays}
		}
		if r.AbortDays > 0 {
			rule.Abort = &xmlDays{Initiation: r.AbortDays}
		}
		rules = append(rules, rule)
	}
	writeXML(w, http.StatusOK, struct {
		XMLName xml.Name  `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LifecycleConfiguration"`
		Rules   []xmlRule `xml:"Rule"`
	}{Rules: rules})
	return nil
}

func (s *Service) serveTagging(w http.ResponseWriter, _ *http.Request, t target) error {
	b, err := s.GetBucket(t.bucket)
	if err != nil {
		return err
	}
	if len(b.Tags) == 0 {
		return errorf("NoSuchTagSet", "The TagSet does not exist")
	}
	type tag struct{ Key, Value string }
	var tags []tag
	for _, k := range slices.Sorted(maps.Keys(b.Tags)) {
		tags = append(tags, tag{k, b.Tags[k]})
	}
	writeXML(w, http.StatusOK, struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ Tagging"`
		Tags    []tag    `xml:"TagSet>Tag"`
	}{Tags: tags})
	return nil
}
