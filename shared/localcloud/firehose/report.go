package firehose

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/iam"
)

// LoadError is an error of the warehouse. Code is its SQLSTATE.
type LoadError struct{ Code, Message string }

func (e *LoadError) Error() string { return e.Message + " (" + e.Code + ")" }

// What of a load failed, where it was not the warehouse.
type (
	stagingError struct{ error } // writing the manifest
	roleError    struct{ error } // assuming the role
	secretError  struct{ error } // reading the secret
)

func (e *stagingError) Unwrap() error { return e.error }
func (e *roleError) Unwrap() error    { return e.error }
func (e *secretError) Unwrap() error  { return e.error }

// messages are AWS's delivery errors and their texts (developer guide, "Monitoring with
// CloudWatch Logs").
var messages = map[string]string{
	"S3.AccessDenied":                   "Access was denied. Ensure that the trust policy for the provided IAM role allows Kinesis Data Firehose to assume the role, and the access policy allows access to the S3 bucket.",
	"S3.NoSuchBucket":                   "The specified bucket does not exist. Create the bucket or use a different bucket that does exist.",
	"S3.MethodNotAllowed":               "The specified method is not allowed against this resource. Modify the bucket's policy to allow the correct Amazon S3 operation permissions.",
	"SecretsManager.AccessDenied":       "Access was denied. Ensure that the access policy for the provided IAM role allows Kinesis Data Firehose to read the secret.",
	"SecretsManager.ResourceNotFound":   "The secret was not found. Ensure that the specified secret exists and is not scheduled for deletion.",
	"Redshift.TableNotFound":            "The table to which to load data was not found. Ensure that the specified table exists.",
	"Redshift.SyntaxError":              "The COPY command contains a syntax error. Retry the command.",
	"Redshift.AuthenticationFailed":     "The provided user name and password failed authentication. Provide a valid user name and password.",
	"Redshift.AccessDenied":             "Access was denied. Ensure that the trust policy for the provided IAM role allows Kinesis Data Firehose to assume the role.",
	"Redshift.S3BucketAccessDenied":     "The COPY command was unable to access the S3 bucket. Ensure that the access policy for the provided IAM role allows access to the S3 bucket.",
	"Redshift.DataLoadFailed":           "Loading data into the table failed. Check STL_LOAD_ERRORS system table for details.",
	"Redshift.ColumnNotFound":           "A column in the COPY command does not exist in the table. Specify a valid column name.",
	"Redshift.DatabaseNotFound":         "The database specified in the Amazon Redshift destination configuration or JDBC URL was not found. Specify a valid database name.",
	"Redshift.IncorrectCopyOptions":     "Conflicting or redundant COPY options were provided. Some options are not compatible in certain combinations. Check the COPY command reference for more info.",
	"Redshift.MissingColumn":            "There is a column defined in the table schema as NOT NULL without a DEFAULT value and not included in the column list. Exclude this column, ensure that the loaded data always provides a value for this column, or add a default value to the Amazon Redshift schema for this table.",
	"Redshift.ConnectionFailed":         "The connection to the specified Amazon Redshift cluster failed. Ensure that security settings allow Kinesis Data Firehose connections, that the cluster or database specified in the Amazon Redshift destination configuration or JDBC URL is correct, and that the cluster is available.",
	"Redshift.ColumnMismatch":           "The number of jsonpaths in the COPY command and the number of columns in the destination table should match. Retry the command.",
	"Redshift.IncorrectOrMissingRegion": "Amazon Redshift attempted to use the wrong region endpoint for accessing the S3 bucket. Either specify a correct region value in the COPY command options or ensure that the S3 bucket is in the same region as the Amazon Redshift database.",
	"Redshift.IncorrectJsonPathsFile":   "The provided jsonpaths file is not in a supported JSON format. Retry the command.",
	"Redshift.MissingS3File":            "One or more S3 files required by Amazon Redshift have been removed from the S3 bucket. Check the S3 bucket policies to remove any automatic deletion of S3 files.",
	"Redshift.InsufficientPrivilege":    "The user does not have permissions to load data into the table. Check the Amazon Redshift user permissions for the INSERT privilege.",
	"Redshift.ReadOnlyCluster":          "The query cannot be executed because the system is in resize mode. Try the query again later.",
	"Redshift.DiskFull":                 "Data could not be loaded because the disk is full. Increase the capacity of the Amazon Redshift cluster or delete unused data to free disk space.",
	"InternalError":                     "An internal error occurred while attempting to deliver data. Delivery will be retried; if the error persists, then it will be reported to AWS for resolution.",
}

// event is a delivery error as Firehose writes it to CloudWatch Logs.
type event struct {
	DeliveryStreamARN string `json:"deliveryStreamARN"`
	Destination       string `json:"destination"`
	Version           int    `json:"deliveryStreamVersionId"`
	Message           string `json:"message"`
	ErrorCode         string `json:"errorCode"`
}

// report tells a delivery error where the declaration wants it told, and always in the
// local cloud's own log, with the cause that AWS's text leaves out.
func (st *stream) report(role string, to LoggingOptions, destination, code string, cause error) {
	st.svc.cfg.Log.Warn("delivery failed", "stream", st.name(), "errorCode", code, "cause", cause)
	if !to.Enabled {
		return
	}
	line, err := json.Marshal(event{st.rec.ARN, destination, st.rec.Version, messages[code], code})
	if err != nil {
		panic(err) // strings and a number
	}
	ctx := iam.WithCaller(st.ctx, iam.Caller{Service: principal, Role: role})
	if err := st.svc.cfg.Events.PutLogEvents(ctx, to.LogGroupName, to.LogStreamName, string(line)); err != nil {
		st.svc.cfg.Log.Warn("could not write to the stream's error log", "stream", st.name(), "group", to.LogGroupName,
			"logStream", to.LogStreamName, "error", err)
	}
}

// codeOf returns the AWS code of an error, or its text where it has none.
func codeOf(err error) string {
	var denied *iam.Denied
	var e *awsjson.Error
	var coded interface{ ErrorCode() string }
	switch {
	case errors.As(err, &denied):
		return "AccessDenied"
	case errors.As(err, &e):
		return e.Code
	case errors.As(err, &coded):
		return coded.ErrorCode()
	}
	return fmt.Sprint(err)
}

// s3Failure is the code with which Firehose tells of an error of S3.
func s3Failure(err error) string {
	code := codeOf(err)
	for _, known := range []string{"AccessDenied", "NoSuchBucket", "MethodNotAllowed"} {
		if strings.Contains(code, known) {
			return "S3." + known
		}
	}
	return "InternalError"
}

// loadFailure is the code with which Firehose tells of a failed load.
func loadFailure(err error) string {
	var staging *stagingError
	var role *roleError
	var secret *secretError
	var load *LoadError
	switch {
	case errors.As(err, &staging):
		return s3Failure(err)
	case errors.As(err, &role):
		return "Redshift.AccessDenied"
	case errors.As(err, &secret):
		if strings.Contains(codeOf(err), "AccessDenied") {
			return "SecretsManager.AccessDenied"
		}
		return "SecretsManager.ResourceNotFound"
	case errors.As(err, &load):
		return loadCode(load.Code, strings.ToLower(load.Message))
	}
	return "InternalError"
}

// sqlStates are the codes for SQLSTATEs that mean one thing.
var sqlStates = map[string]string{
	"42P01": "Redshift.TableNotFound",
	"3F000": "Redshift.TableNotFound",
	"3D000": "Redshift.DatabaseNotFound",
	"42703": "Redshift.ColumnNotFound",
	"42501": "Redshift.InsufficientPrivilege",
	"23502": "Redshift.MissingColumn",
	"53100": "Redshift.DiskFull",
	"25006": "Redshift.ReadOnlyCluster",
	"0A000": "Redshift.IncorrectCopyOptions",
	"22023": "Redshift.IncorrectCopyOptions",
	"53300": "Redshift.ConnectionFailed",
	"28000": "Redshift.AuthenticationFailed",
	"28P01": "Redshift.AuthenticationFailed",
}

// texts tell apart what Redshift answers with its catch-all states, first match first.
var texts = []struct{ in, code string }{
	{"conflicting or redundant", "Redshift.IncorrectCopyOptions"},
	{"argument is not supported", "Redshift.IncorrectCopyOptions"},
	{"is not null, has no default", "Redshift.MissingColumn"},
	{"number of jsonpaths", "Redshift.ColumnMismatch"},
	{"jsonpath", "Redshift.IncorrectJsonPathsFile"},
	{"access denied", "Redshift.S3BucketAccessDenied"},
	{"invalidaccesskeyid", "Redshift.S3BucketAccessDenied"},
	{"permanentredirect", "Redshift.IncorrectOrMissingRegion"},
	{"nosuchkey", "Redshift.MissingS3File"},
	{"specified key does not exist", "Redshift.MissingS3File"},
	{"specified s3 prefix", "Redshift.MissingS3File"},
	{"mandatory", "Redshift.MissingS3File"},
	{"stl_load_errors", "Redshift.DataLoadFailed"},
	{"syntax error", "Redshift.SyntaxError"},
}

func loadCode(state, text string) string {
	if code, ok := sqlStates[state]; ok {
		return code
	}
	if strings.HasPrefix(state, "08") || strings.HasPrefix(state, "57P") {
		return "Redshift.ConnectionFailed"
	}
	for _, t := range texts {
		if strings.Contains(text, t.in) {
			return t.code
		}
	}
	if state == "42601" {
		return "Redshift.SyntaxError"
	}
	return "InternalError"
}
