package layers

import "context"

// State is what there is of a layer: a closed set of words, the same in status and
// graph.
type State string

const (
	StateDeployed State = "deployed"
	StateStale    State = "stale"   // an upstream's outputs have changed since
	StateFailed   State = "failed"  // its last run from this checkout did not complete
	StateAbsent   State = "absent"  // there is nothing of it
	StateUnknown  State = "unknown" // on AWS, and never run from this checkout
)

// stateFrom is a layer's state as its stack and its last run tell it. A stack that was
// updated after a failed run was mended by other means.
func stateFrom(s Status, last outcome) State {
	switch {
	case last.Result.interrupted() && !s.Updated.After(last.Ended):
		return StateFailed
	case !s.Deployed:
		return StateAbsent
	case len(s.Stale) > 0:
		return StateStale
	default:
		return StateDeployed
	}
}

// interrupted says whether a layer was begun and not completed.
func (r Result) interrupted() bool { return r == Failed || r == Canceled }

// States are the layers' states as far as this machine knows them: of stacks on AWS
// only what became of the last run from this checkout, because nothing is asked over
// the network.
func (o *Orchestrator) States(ctx context.Context) (map[string]State, error) {
	states := map[string]State{}
	if _, there, err := o.Tools.Find(ctx); err != nil || o.Environment.LocalCloud == nil || !there {
		for _, layer := range o.Manifest.LayerNames() {
			last, err := o.lastOutcome(layer)
			if err != nil {
				return nil, err
			}
			states[layer] = o.stateAfter(last)
		}
		return states, nil
	}
	all, err := o.Status(ctx)
	for _, s := range all {
		states[s.Layer] = s.State
	}
	return states, err
}

// stateAfter is a layer's state as its last run alone tells it.
func (o *Orchestrator) stateAfter(last outcome) State {
	switch last.Result {
	case Deployed, Unchanged:
		return StateDeployed
	case Failed, Canceled:
		return StateFailed
	case Destroyed, Absent:
		return StateAbsent
	}
	if o.Environment.LocalCloud != nil {
		return StateAbsent
	}
	return StateUnknown
}
