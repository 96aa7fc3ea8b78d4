package main

import (
	"maps"
	"slices"
	"testing"

	"pipeline/shared/localcloud/provider"
	"pipeline/shared/localcloud/provider/property"
	"pipeline/shared/localcloud/provider/providertest"
)

func everyType(t *testing.T) map[string]property.Type { return provider.Honoured(anyCloud(t).kinds...) }

// restarted is a local cloud that can be stopped and started again on what it kept.
type restarted struct {
	t *testing.T
	o options
	*cloud
}

func newRestarted(t *testing.T) *restarted {
	r := &restarted{t: t, o: options{State: t.TempDir(), Region: "eu-central-1", Account: "000000000000"}}
	r.start()
	t.Cleanup(func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *restarted) start() {
	r.t.Helper()
	var err error
	if r.cloud, err = open(r.o, "http://127.0.0.1:4566", 5439); err != nil {
		r.t.Fatal(err)
	}
}

func (r *restarted) restart() {
	r.t.Helper()
	if err := r.close(); err != nil {
		r.t.Fatal(err)
	}
	r.start()
}

func (r *restarted) engine(name string) *providertest.Engine {
	return providertest.Over(r.t, r.provider, "events").As(name)
}

// everything makes one thing of each declaration.
func (r *restarted) everything() world {
	r.t.Helper()
	made := world{}
	for _, d := range declarations {
		made[d.name] = r.engine(d.name).Create(d.token, d.inputs(made))
	}
	return made
}

// The plane did it and the engine never heard: at each create of a deployment that has
// every resource type, then at each update, then at each delete. The next deployment
// finishes it, with nothing made twice.
func TestAnInterruptedCallIsFinishedByTheNextDeployment(t *testing.T) {
	c := newRestarted(t)
	made := world{}
	for i, d := range declarations {
		inputs := d.inputs(made)
		lost, err := c.engine(d.name).TryCreate(d.token, inputs)
		if err != nil {
			t.Fatalf("create %s: %v", d.token, err)
		}
		if i%8 == 0 {
			c.restart()
		}
		again, err := c.engine(d.name).TryCreate(d.token, inputs)
		if err != nil {
			t.Fatalf("the create of %s that was interrupted is not finished: %v", d.token, err)
		}
		if again.ID != lost.ID {
			t.Errorf("the create of %s that was interrupted has left %s and made %s", d.token, lost.ID, again.ID)
		}
		made[d.name] = again
	}
	for _, d := range declarations {
		interruptUpdate(t, c, made, d)
	}
	for _, d := range slices.Backward(declarations) {
		interruptDelete(t, c, made[d.name], d)
	}
}

func interruptUpdate(t *testing.T, c *restarted, made world, d declaration) {
	t.Helper()
	if d.changed == nil {
		return
	}
	engine, before := c.engine(d.name), made[d.name]
	if engine.Replaces(before, d.changed) != "" {
		t.Errorf("changing %s by %v replaces it", d.token, d.changed)
	}
	engine.Update(before, d.changed)
	if !engine.Differs(before, object{}) {
		t.Errorf("an update of %s that the engine did not hear of is no difference to what the program had", d.token)
	}
	made[d.name] = engine.Update(before, d.changed)
	if engine.Differs(made[d.name], object{}) {
		t.Errorf("%s differs just after its update", d.token)
	}
}

func interruptDelete(t *testing.T, c *restarted, m providertest.Made, d declaration) {
	t.Helper()
	engine := c.engine(d.name)
	if err := engine.TryDelete(m); err != nil {
		t.Fatalf("delete %s: %v", d.token, err)
	}
	if engine.Exists(m) {
		return // an account's settings, a statement: nothing is there to be missed
	}
	if engine.Replaces(m, object{}) != "id" {
		t.Errorf("a delete of %s that the engine did not hear of is not made good by the next deployment", d.token)
	}
	if err := engine.TryDelete(m); err != nil {
		t.Errorf("deleting %s again: %v", d.token, err)
	}
}

func TestAThingThatTheEngineKnowsIsNeverTakenOver(t *testing.T) {
	c := newRestarted(t)
	const group = "aws:cloudwatch/logGroup:LogGroup"
	first := c.engine("logs").Create(group, object{"name": "/a"})
	c.restart()
	if c.engine("logs").Differs(first, object{}) { // as every deployment asks
		t.Error("a log group differs from itself")
	}
	if _, err := c.engine("logs").TryCreate(group, object{"name": "/a"}); err == nil {
		t.Error("a log group that the engine knows was given out as a new one")
	}
	second, err := c.engine("logs").TryCreate(group, object{"name": "/b"})
	if err != nil || second.ID == first.ID {
		t.Errorf("the replacement is %s (%v), want another than %s", second.ID, err, first.ID)
	}
}

// A resource that an alias has renamed is known under its new name: nothing of the old name
// takes it over or clears it away, whenever the local cloud was started.
func TestAThingThatHasBeenRenamedIsNotTakenOverUnderItsOldName(t *testing.T) {
	c := newRestarted(t)
	const group = "aws:cloudwatch/logGroup:LogGroup"
	made := c.engine("old").Create(group, object{"name": "/a"})
	if c.engine("renamed").Differs(made, object{}) {
		t.Error("a log group differs from itself under another name")
	}
	c.restart()
	if _, err := c.engine("old").TryCreate(group, object{"name": "/a"}); err == nil {
		t.Error("a log group that the engine knows was given out as a new one")
	}
	if _, err := c.engine("old").TryCreate(group, object{"name": "/b"}); err != nil || !c.engine("renamed").Exists(made) {
		t.Errorf("a new log group under the old name has taken away the one that was renamed (%v)", err)
	}
}

func TestACreateUnderANameThatWasKnownBeforeIsFinished(t *testing.T) {
	c := newRestarted(t)
	const group = "aws:cloudwatch/logGroup:LogGroup"
	first := c.engine("logs").Create(group, object{"name": "/a"})
	if err := c.engine("logs").TryDelete(first); err != nil {
		t.Fatal(err)
	}
	if _, err := c.engine("logs").TryCreate(group, object{"name": "/a"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.engine("logs").TryCreate(group, object{"name": "/a"}); err != nil {
		t.Errorf("the create that the engine did not hear of is not finished: %v", err)
	}
}

func TestAnInterruptedCreateIsFinishedWithTheInputsOfNow(t *testing.T) {
	c := newRestarted(t)
	const role = "aws:iam/role:Role"
	begun, err := c.engine("all").TryCreate(role, object{"assumeRolePolicy": aTrust, "description": "before"})
	if err != nil {
		t.Fatal(err)
	}
	c.restart()
	now, err := c.engine("all").TryCreate(role, object{"assumeRolePolicy": aTrust, "description": "after"})
	if err != nil || now.ID != begun.ID {
		t.Fatalf("role %s was begun, %s finished (%v), want it under the name that it was begun with", begun.ID, now.ID, err)
	}
	if got, err := c.roles.GetRole(begun.ID); err != nil || got.Description != "after" {
		t.Errorf("the role is %+v (%v), want it as the program has it now", got, err)
	}
	other, err := c.engine("all").TryCreate(role, object{"assumeRolePolicy": aTrust, "name": "other"})
	if err != nil || other.ID != "other" {
		t.Errorf("under another name it is %s (%v)", other.ID, err)
	}
	if _, err := c.roles.GetRole(begun.ID); err == nil {
		t.Error("the role that nobody knows is still there")
	}
}

// A replacement is a create and a delete, in two calls: a crash at each point of either
// leaves one thing, once the next deployment has gone through both.
func TestAReplacementThatACrashInterruptsIsFinishedByTheNextDeployment(t *testing.T) {
	c := crashes{newRestarted(t), world{}, points{}}
	for token, property := range map[string]string{
		"aws:iam/role:Role": "name", "aws:s3/bucketV2:BucketV2": "bucket", "aws:cloudwatch/logGroup:LogGroup": "name",
		"aws:sns/topic:Topic": "name", "aws:secretsmanager/secret:Secret": "name", "aws:redshift/parameterGroup:ParameterGroup": "name",
	} {
		d := declarations[slices.IndexFunc(declarations, func(d declaration) bool { return d.token == token })]
		c.create(d)
		for point := range 4 {
			old, one := c.made[d.name], c.number()
			d.inputs = renamed(old.Inputs, property)
			c.crashAt(point, func() { c.create(d) })
			if on := c.engine(d.name).Replaces(old, object{property: d.inputs(nil)[property]}); on != property {
				t.Errorf("after a crash %s is replaced because of %q", token, on)
			}
			c.create(d)
			c.crashAt(point, func() { _ = c.engine(d.name).TryDelete(old) })
			if err := c.engine(d.name).TryDelete(old); err != nil {
				t.Errorf("delete %s, which is replaced: %v", token, err)
			}
			c.finished(one, "replacement", d, point)
			if !c.engine(d.name).Exists(c.made[d.name]) {
				t.Errorf("after a crash at point %d the %s that replaces another is gone", point, token)
			}
		}
	}
}

// renamed are inputs with another name.
func renamed(inputs object, property string) func(world) object {
	others := maps.Clone(inputs)
	others[property] = others[property].(string) + "x"
	return just(others)
}
