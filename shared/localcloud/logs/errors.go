package logs

import "pipeline/shared/localcloud/awsjson"

// The errors of this plane have AWS's codes, and AWS's texts where they are known
// (botocore service model logs).

func errNotFound(text string) error { return awsjson.Errorf("ResourceNotFoundException", "%s", text) }

func errExists(text string) error {
	return awsjson.Errorf("ResourceAlreadyExistsException", "%s", text)
}

func errInvalid(format string, args ...any) error {
	return awsjson.Errorf("InvalidParameterException", format, args...)
}

func errDenied(denial error) error { return awsjson.Errorf("AccessDeniedException", "%v", denial) }
