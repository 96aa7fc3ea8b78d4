// Package drills are failures of the local cloud on request, to see what follows from
// one before it happens on AWS. `go tool mage local:drill list` prints them, `go tool
// mage local:drill <name>` begins one, `local:drill off` ends all, and local:status shows
// what is left of each. Nothing of a drill is stored: a restart ends it.
//
//   - fail-copies (COUNT, STREAM): the next COPYs of the delivery streams fail. The error
//     log stream gets Firehose's event, the COPY is made again every 5 minutes for the
//     stream's retry duration, and what is skipped is listed under errors/manifests/.
//   - refuse-records (COUNT, STREAM): the next records are refused with
//     ServiceUnavailableException; in a batch they are its first, and the rest is taken.
//     The API answers what its integration responses make of a 503, or of FailedPutCount.
//   - pause-warehouse and resume-warehouse: Redshift refuses connections, and those that
//     are open end. Events wait in the stream and in the bucket, and none is lost.
//   - deny (ACTION, COUNT): the next calls of an IAM action that a role makes are denied,
//     as by a service control policy, such as ACTION=firehose:PutRecord or
//     ACTION=s3:PutObject.
//   - expire-tokens: every id and access token that was issued until now has expired, also
//     for authorizers that remember it. Refresh tokens are as they were.
//   - slow (PLANE, BY): what gateway, cognito, firehose, s3 or redshift is asked it begins
//     to answer so much later. A Firehose beyond the integration's timeout makes the API
//     answer 504, and the event may be stored all the same. BY=0s ends it.
//   - clock (BY): the local cloud's clock is so far ahead, or behind with a minus. Tokens
//     expire or are of the future, buffers fall due, keys of objects have the new hour.
//     BY=0s ends it.
package drills
