package gateway

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"pipeline/shared/localcloud/iam"
)

// Stage is a name under which one deployment is served.
type Stage struct {
	Name         string
	DeploymentID string
	Description  string
	Variables    map[string]string
	AccessLog    *AccessLog
	Settings     map[string]MethodSettings // by "*/*" or "path/of/resource/METHOD"
	Tags         map[string]string
	WebACLARN    string // set by AssociateWebACL
}

// AccessLog says where the line for each request goes, and what is in it.
type AccessLog struct {
	DestinationARN string // of a log group
	Format         string // text with $context variables
}

// MethodSettings are the settings of one method of a stage, or of all of them.
type MethodSettings struct {
	MetricsEnabled   bool    // kept: nothing here shows the metrics of API Gateway
	LoggingLevel     string  // OFF, ERROR or INFO
	DataTraceEnabled bool    // bodies in the execution log
	RateLimit        float64 // requests a second; negative: only the account's
	BurstLimit       int     // requests at once; negative: only the account's
}

var (
	stageName    = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,128}$`)
	variableName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
	// variableValue is what CreateStage says, and the blank that its error allows.
	variableValue = regexp.MustCompile(`^[A-Za-z0-9 ._~:/?#&=,-]+$`)
	logGroupARN   = regexp.MustCompile(`^arn:aws[\w-]*:logs:([\w-]+):(\d{12}):log-group:([.\-_/#A-Za-z0-9]{1,512})(:\*)?$`)
)

// CreateStage makes a stage and serves its deployment.
func (s *Service) CreateStage(apiID string, in Stage) (Stage, error) {
	in.Settings, in.WebACLARN = map[string]MethodSettings{}, ""
	err := s.changeStages(apiID, in.Name, func(a *api) error {
		if _, ok := a.Stages[in.Name]; ok {
			return conflict("Stage already exists")
		}
		return s.putStage(a, in)
	})
	return in, err
}

// UpdateStage changes everything but a stage's name and method settings. To point it to
// another deployment is to deploy.
func (s *Service) UpdateStage(apiID string, in Stage) error {
	return s.changeStages(apiID, in.Name, func(a *api) error {
		old, ok := a.Stages[in.Name]
		if !ok {
			return notFound("Invalid stage identifier specified")
		}
		in.Settings, in.WebACLARN = old.Settings, old.WebACLARN
		return s.putStage(a, in)
	})
}

// CheckStageName checks a stage's name.
func CheckStageName(name string) error {
	if !stageName.MatchString(name) {
		return badRequest("Stage name only allows a-zA-Z0-9_")
	}
	return nil
}

func (s *Service) putStage(a *api, in Stage) error {
	if err := CheckStageName(in.Name); err != nil {
		return err
	}
	switch _, found, err := s.deployments.Get(a.API.ID + "/" + in.DeploymentID); {
	case err != nil:
		return err
	case !found:
		return badRequest("Deployment id does not exist")
	}
	if err := checkVariables(in.Variables); err != nil {
		return err
	}
	if in.AccessLog != nil {
		if err := s.checkAccessLog(a, in); err != nil {
			return err
		}
	}
	a.Stages[in.Name] = in
	return nil
}

func checkVariables(variables map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if !variableName.MatchString(name) {
			return badRequest("Stage variable name must contain only alphanumeric characters and underscores: %s", name)
		}
		if !variableValue.MatchString(variables[name]) {
			return badRequest("Invalid stage variable value of key %s.  Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','.", name)
		}
	}
	return nil
}

// checkAccessLog also makes the log stream, so that a group that is not there or a role
// that may not write to it is found now.
func (s *Service) checkAccessLog(a *api, in Stage) error {
	match := logGroupARN.FindStringSubmatch(in.AccessLog.DestinationARN)
	switch {
	case strings.Contains(in.AccessLog.DestinationARN, ":firehose:"):
		return refused("access logs to Firehose: %s", in.AccessLog.DestinationARN)
	case match == nil:
		return badRequest("Invalid ARN specified in the request")
	case match[1] != s.Region || match[2] != s.Account:
		return badRequest("Invalid ARN specified in the request: the log group must be in %s of account %s", s.Region, s.Account)
	case s.account.Load().CloudwatchRoleARN == "":
		return errNoLogRole
	}
	if err := CheckAccessFormat(in.AccessLog.Format); err != nil {
		return err
	}
	err := s.Logs.CreateLogStream(s.logCaller(context.Background()), match[3], logStream(a.API.ID, in.Name))
	if err != nil && !strings.Contains(err.Error(), "ResourceAlreadyExists") {
		return badRequest("Invalid ARN specified in the request: %v", err)
	}
	return nil
}

var errNoLogRole = badRequest("CloudWatch Logs role ARN must be set in account settings to enable logging")

// logCaller returns ctx with API Gateway as the caller, in the account's logging role.
func (s *Service) logCaller(ctx context.Context) context.Context {
	return iam.WithCaller(ctx, iam.Caller{Service: principal, Role: s.account.Load().CloudwatchRoleARN})
}

// GetStage returns a stage, or NotFoundException.
func (s *Service) GetStage(apiID, name string) (out Stage, err error) {
	err = s.read(apiID, func(a *api) error {
		stage, ok := a.Stages[name]
		if !ok {
			return notFound("Invalid stage identifier specified")
		}
		copied, err := clone(&stage)
		if err == nil {
			out = *copied
		}
		return err
	})
	return out, err
}

// DeleteStage stops serving a stage.
func (s *Service) DeleteStage(apiID, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.changeLocked(apiID, func(a *api) error {
		if _, ok := a.Stages[name]; !ok {
			return notFound("Invalid stage identifier specified")
		}
		delete(a.Stages, name)
		return nil
	})
	if err == nil {
		s.unserve(apiID, name)
	}
	return err
}

// PutMethodSettings sets a stage's settings for "*/*" or one "path/METHOD". They take
// effect at once, without a deployment.
func (s *Service) PutMethodSettings(apiID, stage, methodPath string, in MethodSettings) error {
	return s.changeStages(apiID, stage, func(a *api) error {
		st, ok := a.Stages[stage]
		if !ok {
			return notFound("Invalid stage identifier specified")
		}
		if err := s.checkSettings(a, st, methodPath, in); err != nil {
			return err
		}
		st.Settings[methodPath] = in
		return nil
	})
}

func (s *Service) checkSettings(a *api, stage Stage, methodPath string, in MethodSettings) error {
	d, _, err := s.deployments.Get(a.API.ID + "/" + stage.DeploymentID)
	switch {
	case err != nil:
		return err
	case methodPath != "*/*" && !slices.Contains(d.Snapshot.methodKeys(), "/"+methodPath):
		return badRequest("Invalid method setting path: /%s. The deployment has no such method", methodPath)
	case CheckLoggingLevel(in.LoggingLevel) != nil:
		return CheckLoggingLevel(in.LoggingLevel)
	case (in.LoggingLevel != "OFF" || in.DataTraceEnabled) && s.account.Load().CloudwatchRoleARN == "":
		return errNoLogRole
	case (in.RateLimit < 0) != (in.BurstLimit < 0):
		return refused("a throttle with a rate limit of %v and a burst limit of %d: give both, or neither", in.RateLimit, in.BurstLimit)
	}
	return nil
}

// CheckLoggingLevel checks the level of an execution log.
func CheckLoggingLevel(level string) error {
	if !slices.Contains([]string{"OFF", "ERROR", "INFO"}, level) {
		return badRequest("Invalid logging level specified. Valid options are OFF,ERROR,INFO")
	}
	return nil
}

// GetMethodSettings returns the settings of one method path, or NotFoundException.
func (s *Service) GetMethodSettings(apiID, stage, methodPath string) (MethodSettings, error) {
	st, err := s.GetStage(apiID, stage)
	if err != nil {
		return MethodSettings{}, err
	}
	settings, ok := st.Settings[methodPath]
	if !ok {
		return MethodSettings{}, notFound("Invalid method setting path specified: %s", methodPath)
	}
	return settings, nil
}

// DeleteMethodSettings goes back to the defaults for that method path.
func (s *Service) DeleteMethodSettings(apiID, stage, methodPath string) error {
	return s.changeStages(apiID, stage, func(a *api) error {
		st, ok := a.Stages[stage]
		if !ok {
			return notFound("Invalid stage identifier specified")
		}
		if _, ok := st.Settings[methodPath]; !ok {
			return badRequest("Cannot remove method setting %s because there is no method setting for this method ", methodPath)
		}
		delete(st.Settings, methodPath)
		return nil
	})
}

// changeStages is change, and serves the stage anew.
func (s *Service) changeStages(apiID, stage string, f func(a *api) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changeStagesLocked(apiID, stage, f)
}

// changeStagesLocked keeps nothing that cannot be served: New would fail with it.
func (s *Service) changeStagesLocked(apiID, stage string, f func(a *api) error) error {
	var served *servedStage
	err := s.changeLocked(apiID, func(a *api) (err error) {
		if err = f(a); err == nil {
			served, err = s.compileStage(a, stage)
		}
		return err
	})
	if err == nil {
		s.serve(served)
	}
	return err
}
