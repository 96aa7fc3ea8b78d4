package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pipeline/shared/localcloud/provider/providertest"
)

// crash is the panic that stands for the end of the process.
type crash struct{}

// points is how many points a call has: before and after each of its writes.
func (r *restarted) points(call func()) (n int) {
	r.kept.Watch(func(bool) error { n++; return nil })
	defer r.kept.Watch(nil)
	call()
	return n
}

// crashAt runs a call of the engine and ends the process at a point of it. What was begun
// stays as it is on disk, and the next process starts with that.
func (r *restarted) crashAt(point int, call func()) {
	r.t.Helper()
	defer func() {
		r.t.Helper()
		if what := recover(); what != (crash{}) {
			r.t.Fatalf("the call did not come to its point %d: %v", point, what)
		}
		r.kept.Close() // from here on nothing is written any more
		r.close()      // fails
		r.start()
	}()
	r.kept.Watch(func(bool) error {
		if point == 0 {
			panic(crash{})
		}
		point--
		return nil
	})
	call()
}

// beside is what other than the engine's calls writes: the history of statements, how far
// deliveries are, and the provider's own memory.
var beside = []string{"redshift/runs", "firehose-progress", "provider/calls"}

// content is the account's configuration as it is on disk, by collection and key.
func (r *restarted) content() map[string]string {
	all := map[string]string{}
	err := r.kept.Each(func(collection, key string, value []byte) {
		if !slices.Contains(beside, collection) {
			sum := sha256.Sum256(value)
			all[collection+" "+key] = hex.EncodeToString(sum[:4])
		}
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}

// number is how many things of each kind there are, folders of planes included.
func (r *restarted) number() map[string]int {
	r.t.Helper()
	all := map[string]int{}
	for key := range r.content() {
		collection, _, _ := strings.Cut(key, " ")
		all[collection]++
	}
	for _, plane := range []string{"redshift", "firehose", "logs"} {
		folders, err := os.ReadDir(filepath.Join(r.o.State, plane))
		if err != nil && !os.IsNotExist(err) {
			r.t.Fatal(err)
		}
		all["folder "+plane] = len(folders)
	}
	return all
}

// different is what two maps do not share, for messages.
func different[V comparable](got, want map[string]V) string {
	var lines []string
	for key := range maps.Keys(got) {
		if w, ok := want[key]; !ok || w != got[key] {
			lines = append(lines, fmt.Sprintf("%s: %v, want %v", key, got[key], w))
		}
	}
	for key := range maps.Keys(want) {
		if _, ok := got[key]; !ok {
			lines = append(lines, key+" is gone")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "; ")
}

// points are the crashes that were tried.
type points struct{ creates, updates, deletes int }

// What a deletion cannot undo it does when it is certain: the data of a cluster is there
// until then.
func TestAClusterWhoseDeletionIsInterruptedHasItsData(t *testing.T) {
	c := crashes{newRestarted(t), world{}, points{}}
	last := slices.IndexFunc(declarations, func(d declaration) bool { return d.name == "table" })
	for _, d := range declarations[:last+1] {
		c.create(d)
	}
	cluster := c.made["cluster"]
	endpoint := strings.Split(cluster.Outputs["endpoint"].(string), ":")[0]
	run := func(sql string) error {
		value, err := c.vault.SecretValue(t.Context(), cluster.Outputs["masterPasswordSecretArn"].(string))
		if err != nil {
			return err
		}
		var admin struct{ Username, Password string }
		if err := json.Unmarshal([]byte(value), &admin); err != nil {
			return err
		}
		return c.redshift.Exec(t.Context(), endpoint, "events", admin.Username, admin.Password, sql)
	}
	if err := run("INSERT INTO public.events VALUES ('one')"); err != nil {
		t.Fatal(err)
	}
	c.delete(declarations[last])
	for point := range 7 { // at the next one it is deleted
		c.crashAt(point, func() { _ = c.engine("cluster").TryDelete(cluster) })
		if err := run("SELECT 1 / count(*) FROM public.events"); err != nil {
			t.Errorf("after a crash at point %d of its deletion the cluster has lost its row: %v", point, err)
		}
	}
}

// The process ends at each point of each call, for each resource type: before and after
// each of its writes. Then nothing of the call is there, or at its last point all of it,
// and the next deployment finishes it with one thing made, and none left behind.
func TestACallThatACrashInterruptsAnywhereIsFinishedByTheNextDeployment(t *testing.T) {
	c := crashes{newRestarted(t), world{}, points{}}
	c.everyCall(c.inCreate, c.inUpdate, c.inDelete)
	t.Logf("crashes: %d in creates, %d in updates, %d in deletes of %d resource types", c.tried.creates, c.tried.updates, c.tried.deletes, len(everyType(t)))
}

// crashes are tried on a world that is there.
type crashes struct {
	*restarted
	made  world
	tried points
}

// everyCall interrupts the create of each declaration, then the updates, then the deletes.
func (c *crashes) everyCall(create, update, remove func(declaration)) {
	for _, d := range declarations {
		create(d)
	}
	for _, d := range declarations {
		if d.changed != nil {
			update(d)
		}
	}
	for _, d := range slices.Backward(declarations) {
		remove(d)
	}
}

func (c *crashes) create(d declaration) {
	c.t.Helper()
	m, err := c.engine(d.name).TryCreate(d.token, d.inputs(c.made))
	if err != nil {
		c.t.Fatalf("create %s: %v", d.token, err)
	}
	c.made[d.name] = m
}

func (c *crashes) update(d declaration) {
	c.t.Helper()
	c.made[d.name] = c.engine(d.name).Update(c.made[d.name], d.changed)
}

// revert updates a thing to the inputs that it had before an update.
func (c *crashes) revert(d declaration, old providertest.Made) {
	c.t.Helper()
	c.made[d.name] = c.engine(d.name).Update(old, object{})
}

func (c *crashes) delete(d declaration) {
	c.t.Helper()
	if err := c.engine(d.name).TryDelete(c.made[d.name]); err != nil {
		c.t.Fatalf("delete %s: %v", d.token, err)
	}
}

// undone checks that a crash has left what was there before the call.
func (c *crashes) undone(before map[string]string, what string, d declaration, point int) {
	c.t.Helper()
	if wrong := different(c.content(), before); wrong != "" {
		c.t.Errorf("a crash at point %d of the %s of %s has left %s", point, what, d.token, wrong)
	}
}

// finished checks that there is as much as if nothing had been interrupted.
func (c *crashes) finished(want map[string]int, what string, d declaration, point int) {
	c.t.Helper()
	if wrong := different(c.number(), want); wrong != "" {
		c.t.Errorf("after it was interrupted at point %d of its %s %s is made of %s", point, what, d.token, wrong)
	}
}

func (c *crashes) inCreate(d declaration) {
	c.t.Helper()
	last := c.points(func() { c.create(d) }) - 1
	one := c.number()
	c.delete(d)
	none := c.number()
	for point := range last + 1 {
		before := c.content()
		c.crashAt(point, func() { c.create(d) })
		if point < last {
			c.undone(before, "create", d, point)
		}
		c.create(d)
		c.finished(one, "create", d, point)
		c.tried.creates++
		if point < last {
			c.delete(d)
			c.finished(none, "create", d, point)
		}
	}
}

func (c *crashes) inUpdate(d declaration) {
	c.t.Helper()
	old := c.made[d.name]
	last := c.points(func() { c.update(d) }) - 1
	c.revert(d, old)
	number := c.number()
	for point := range last + 1 {
		before := c.content()
		c.crashAt(point, func() { c.update(d) })
		if point < last {
			c.undone(before, "update", d, point)
		}
		if !c.engine(d.name).Differs(c.made[d.name], d.changed) {
			c.t.Errorf("after a crash at point %d of its update %s has no difference any more", point, d.token)
		}
		c.update(d)
		c.finished(number, "update", d, point)
		c.tried.updates++
		c.revert(d, old)
	}
}

func (c *crashes) inDelete(d declaration) {
	c.t.Helper()
	last := c.points(func() { c.delete(d) }) - 1
	none := c.number()
	c.create(d)
	for point := range last + 1 {
		before := c.content()
		c.crashAt(point, func() { c.delete(d) })
		if point < last {
			c.undone(before, "delete", d, point)
		}
		c.delete(d)
		c.finished(none, "delete", d, point)
		c.tried.deletes++
		if point < last {
			c.create(d)
		}
	}
}
