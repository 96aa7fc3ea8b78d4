package s3

import (
	"net"
	"regexp"
	"strings"

	"pipeline/shared/localcloud/iam/policy"
)

// S3 user guide, "General purpose buckets naming rules".
var (
	bucketName    = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	reservedNames = regexp.MustCompile(`^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$`)
)

// CheckBucket says what is wrong with a new bucket: InvalidBucketName or InvalidTag.
func CheckBucket(name string, tags map[string]string) error {
	if !bucketName.MatchString(name) || strings.Contains(name, "..") || net.ParseIP(name) != nil || reservedNames.MatchString(name) {
		return errorf("InvalidBucketName", "The specified bucket is not valid.")
	}
	return validateTags(tags)
}

var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

func validateTags(tags map[string]string) error {
	if len(tags) > 50 {
		return errorf("BadRequest", "Bucket tag count cannot be greater than 50")
	}
	for k, v := range tags {
		switch {
		case k == "" || len(k) > 128 || !tagText.MatchString(k):
			return errorf("InvalidTag", "The TagKey you have provided is invalid")
		case strings.HasPrefix(k, "aws:"):
			return errorf("InvalidTag", "System tags cannot be added/updated by requester")
		case len(v) > 256 || !tagText.MatchString(v):
			return errorf("InvalidTag", "The TagValue you have provided is invalid")
		}
	}
	return nil
}

// CheckOwnership says whether an object ownership is one that is served.
func CheckOwnership(ownership string) error {
	switch ownership {
	case "BucketOwnerEnforced":
		return nil
	case "BucketOwnerPreferred", "ObjectWriter":
		return notServed("object ownership %s: it has no access control lists", ownership)
	}
	return malformedXML()
}

// Check says whether an encryption is one that is served.
func (e *Encryption) Check() error {
	switch e.Algorithm {
	case "AES256":
		return nil
	case "aws:kms", "aws:kms:dsse":
		return notServed("encryption %s: it has no key management", e.Algorithm)
	}
	return malformedXML()
}

// CheckVersioning says whether a versioning status is one that is served.
func CheckVersioning(status string) error {
	switch status {
	case "Suspended", "Disabled":
		return nil
	case "Enabled":
		return notServed("versioning: it keeps one version of an object")
	}
	return errorf("IllegalVersioningConfigurationException", "The Versioning element must be specified")
}

// CheckPolicy says what is wrong with a bucket policy, whosever bucket's it is.
func CheckPolicy(document string) error {
	_, err := parsePolicy(document)
	return err
}

// maxPolicy is the size of the largest bucket policy, in bytes.
const maxPolicy = 20 << 10

func parsePolicy(document string) (*policy.Document, error) {
	if len(document) > maxPolicy {
		return nil, errorf("PolicyTooLarge", "Your policy exceeds the maximum allowed document size.")
	}
	p, err := policy.Parse(policy.Resource, document)
	if err != nil {
		return nil, errorf("MalformedPolicy", "%v", err)
	}
	for _, action := range p.Actions() {
		if action != "*" && !strings.HasPrefix(strings.ToLower(action), "s3:") {
			return nil, errorf("MalformedPolicy", "Policy has invalid action")
		}
	}
	return p, nil
}

// CheckLifecycle says what is wrong with lifecycle rules.
func CheckLifecycle(rules []LifecycleRule) error {
	if len(rules) > 1000 {
		return malformedXML()
	}
	ids := map[string]bool{}
	for _, r := range rules {
		switch {
		case len(r.ID) > 255:
			return errorf("InvalidArgument", "ID length should not exceed allowed limit of 255")
		case ids[r.ID]:
			return errorf("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
		case r.ExpirationDays < 0:
			return errorf("InvalidArgument", "'Days' for Expiration action must be a positive integer")
		case r.AbortDays < 0:
			return errorf("InvalidArgument", "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer")
		case r.ExpirationDays == 0 && r.AbortDays == 0:
			return errorf("InvalidRequest", "At least one action needs to be specified in a rule")
		}
		ids[r.ID] = true
	}
	return nil
}

func malformedXML() error {
	return errorf("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
}
