package secrets

import (
	"errors"

	"pipeline/shared/localcloud/awsjson"
)

// The errors of this plane have AWS's codes, and AWS's texts where they are known.

func errNotFound() error {
	return awsjson.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

func errVersionNotFound(versionID, stage string) error {
	if versionID == "" {
		return awsjson.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: %s", stage)
	}
	return awsjson.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for VersionId: %s", versionID)
}

func errExists(name string) error {
	return awsjson.Errorf("ResourceExistsException", "The operation failed because the secret %s already exists.", name)
}

func errVersionExists(id string) error {
	return awsjson.Errorf("ResourceExistsException", "You can't use ClientRequestToken %s because that value is already in use for a version of this secret.", id)
}

func errNameReserved() error {
	return awsjson.Errorf("InvalidRequestException", "You can't create this secret because a secret with this name is already scheduled for deletion.")
}

const markedForDeletion = "You can't perform this operation on the secret because it was marked for deletion."

func errMarkedForDeletion() error {
	return awsjson.Errorf("InvalidRequestException", markedForDeletion)
}

// IsGone says whether an error says that a secret is not there, or is deleted and in its
// recovery window.
func IsGone(err error) bool {
	var e *awsjson.Error
	return errors.As(err, &e) && (e.Code == "ResourceNotFoundException" || e.Message == markedForDeletion)
}

// errManaged has the words of the API reference (PutSecretValue, Errors).
func errManaged() error {
	return awsjson.Errorf("InvalidRequestException", "The secret is managed by another service, and you must use that service to update it.")
}

func errInvalidName() error {
	return awsjson.Errorf("ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
}

func errInvalidParameter(format string, args ...any) error {
	return awsjson.Errorf("InvalidParameterException", format, args...)
}

func errRecoveryWindow() error {
	return errInvalidParameter("The RecoveryWindowInDays value must be between %d and %d days (inclusive).", MinRecoveryDays, MaxRecoveryDays)
}

func errDecryption(arn string) error {
	return awsjson.Errorf("DecryptionFailure", "Secrets Manager can't decrypt the protected secret text of %s: the key of this state is not the one that sealed it", arn)
}

// errAccessDenied words a denial as AWS does.
func errAccessDenied(denial error) error {
	return awsjson.Errorf("AccessDeniedException", "%v", denial)
}
