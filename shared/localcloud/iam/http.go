package iam

import (
	"cmp"
	"encoding/xml"
	"errors"
	"maps"
	"net/http"
	"slices"
)

// requestID is in every answer; nobody traces by it.
const requestID = "00000000-0000-0000-0000-000000000000"

// versions of the services here that speak the query protocol (botocore service models sts
// and iam).
var versions = map[string]string{"sts": "2011-06-15", "iam": "2010-05-08"}

// Query is the query protocol of one service. Each action asks Authorize for whoever has
// signed.
type Query struct {
	roles   *Service
	service string
	actions map[string]func(*http.Request) (any, error)
}

// Query serves STS or IAM, for people and tools. Of another service that speaks the
// protocol it serves nothing, and says so as its clients understand.
func (s *Service) Query(service string) *Query {
	q := &Query{s, service, nil}
	switch service {
	case "sts":
		q.actions = map[string]func(*http.Request) (any, error){"GetCallerIdentity": s.getCallerIdentity}
	case "iam":
		q.actions = map[string]func(*http.Request) (any, error){"GetRole": s.getRole, "ListRoles": s.listRoles}
	}
	return q
}

// Name is the service's in signatures.
func (q *Query) Name() string { return q.service }

// Operations are the names of what it serves, sorted.
func (q *Query) Operations() []string { return slices.Sorted(maps.Keys(q.actions)) }

// ServeHTTP answers one call.
func (q *Query) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, err := q.answer(w, r)
	switch {
	case err != nil && q.service == "ec2":
		writeXML(w, wireError(err).Status, ec2Error{Code: wireError(err).Code, Message: wireError(err).Message, ID: requestID})
	case err != nil:
		writeError(w, err)
	default:
		writeXML(w, http.StatusOK, out)
	}
}

func (q *Query) answer(w http.ResponseWriter, r *http.Request) (any, error) {
	ctx, signed, err := q.roles.Signer(r)
	if err == nil && !signed {
		err = errorf("MissingAuthenticationToken", "Request is missing Authentication Token")
	}
	if err != nil {
		return nil, err
	}
	r = r.WithContext(ctx)
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	version, action := r.FormValue("Version"), r.FormValue("Action")
	serve := q.actions[action]
	if serve == nil || version != versions[q.service] {
		return nil, errorf("InvalidAction", "the local cloud does not serve %s:%s (version %s)", q.service, action, version)
	}
	return serve(r)
}

type responseMetadata struct {
	RequestID string `xml:"RequestId"`
}

type callerIdentityResponse struct {
	XMLName  xml.Name         `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	Arn      string           `xml:"GetCallerIdentityResult>Arn"`
	UserID   string           `xml:"GetCallerIdentityResult>UserId"`
	Account  string           `xml:"GetCallerIdentityResult>Account"`
	Metadata responseMetadata `xml:"ResponseMetadata"`
}

func (s *Service) getCallerIdentity(r *http.Request) (any, error) {
	id := s.Identity(r.Context())
	return callerIdentityResponse{Arn: id.ARN, UserID: id.UserID, Account: id.Account, Metadata: responseMetadata{requestID}}, nil
}

type xmlRole struct {
	Path                     string
	RoleName                 string
	RoleID                   string `xml:"RoleId"`
	Arn                      string
	CreateDate               string
	AssumeRolePolicyDocument string // URL-encoded
	Description              string `xml:",omitempty"`
	MaxSessionDuration       int
	Tags                     []xmlTag `xml:"Tags>member,omitempty"` // of GetRole only, as on AWS
}

type xmlTag struct{ Key, Value string }

type getRoleResponse struct {
	XMLName  xml.Name         `xml:"https://iam.amazonaws.com/doc/2010-05-08/ GetRoleResponse"`
	Role     xmlRole          `xml:"GetRoleResult>Role"`
	Metadata responseMetadata `xml:"ResponseMetadata"`
}

func (s *Service) getRole(r *http.Request) (any, error) {
	name := r.FormValue("RoleName")
	role, err := s.GetRole(name)
	if denied := s.authorize(r, "iam:GetRole", cmp.Or(role.ARN, s.roleARN("/", name))); denied != nil {
		return nil, denied // first: who may not look does not learn whether it is there
	}
	if err != nil {
		return nil, err
	}
	out := getRoleResponse{Role: xmlOf(role), Metadata: responseMetadata{requestID}}
	for _, k := range slices.Sorted(maps.Keys(role.Tags)) {
		out.Role.Tags = append(out.Role.Tags, xmlTag{k, role.Tags[k]})
	}
	return out, nil
}

type listRolesResponse struct {
	XMLName     xml.Name         `xml:"https://iam.amazonaws.com/doc/2010-05-08/ ListRolesResponse"`
	Roles       []xmlRole        `xml:"ListRolesResult>Roles>member"`
	IsTruncated bool             `xml:"ListRolesResult>IsTruncated"`
	Metadata    responseMetadata `xml:"ResponseMetadata"`
}

// listRoles returns all roles in one page: an account has a handful here.
func (s *Service) listRoles(r *http.Request) (any, error) {
	if prefix := r.FormValue("PathPrefix"); prefix != "" && prefix != "/" {
		return nil, errorf("InvalidAction", "the local cloud does not serve ListRoles with PathPrefix")
	}
	if err := s.authorize(r, "iam:ListRoles", s.roleARN("/", "")); err != nil {
		return nil, err
	}
	out := listRolesResponse{Metadata: responseMetadata{requestID}}
	for _, role := range s.ListRoles() {
		out.Roles = append(out.Roles, xmlOf(role))
	}
	return out, nil
}

// authorize is Authorize with IAM's code.
func (s *Service) authorize(r *http.Request, action, resource string) error {
	err := s.Authorize(r.Context(), action, resource, nil)
	var denied *Denied
	if errors.As(err, &denied) {
		return errorf("AccessDenied", "%s", denied.Error())
	}
	return err
}

func xmlOf(r Role) xmlRole {
	return xmlRole{Path: r.Path, RoleName: r.Name, RoleID: r.ID, Arn: r.ARN,
		CreateDate: r.Created.Format("2006-01-02T15:04:05Z"), AssumeRolePolicyDocument: urlEncode(r.TrustPolicy),
		Description: r.Description, MaxSessionDuration: r.MaxSessionSeconds}
}

type errorResponse struct {
	XMLName xml.Name `xml:"ErrorResponse"`
	Type    string   `xml:"Error>Type"`
	Code    string   `xml:"Error>Code"`
	Message string   `xml:"Error>Message"`
	ID      string   `xml:"RequestId"`
}

// ec2Error is an error as EC2 alone writes it (EC2 API reference, "Error codes").
type ec2Error struct {
	XMLName xml.Name `xml:"Response"`
	Code    string   `xml:"Errors>Error>Code"`
	Message string   `xml:"Errors>Error>Message"`
	ID      string   `xml:"RequestID"`
}

func writeError(w http.ResponseWriter, err error) {
	e := wireError(err)
	writeXML(w, e.Status, errorResponse{Type: "Sender", Code: e.Code, Message: e.Message, ID: requestID})
}

func wireError(err error) *Error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Code: "ServiceFailure", Message: err.Error(), Status: http.StatusInternalServerError}
	}
	return e
}

func writeXML(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	// The status is sent: a client that went away is the only error left.
	_ = xml.NewEncoder(w).Encode(body)
}
