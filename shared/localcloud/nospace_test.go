package main

import (
	"syscall"
	"testing"
)

// The disk is full from some write of a call on, for each write of each call, for each
// resource type: the call fails. The next deployment, with space again and without a
// restart, finishes it with one thing made, and none left behind.
func TestACallThatAFullDiskInterruptsAnywhereIsFinishedByTheNextDeployment(t *testing.T) {
	c := crashes{newRestarted(t), world{}, points{}}
	c.everyCall(c.fullInCreate, c.fullInUpdate, c.fullInDelete)
	t.Logf("full disks: %d in creates, %d in updates, %d in deletes of %d resource types", c.tried.creates, c.tried.updates, c.tried.deletes, len(everyType(t)))
}

// fullAt runs a call whose writes fail from a point on.
func (c *crashes) fullAt(point int, what string, d declaration, call func() error) {
	c.t.Helper()
	c.kept.Watch(func(bool) error {
		if point <= 0 {
			return syscall.ENOSPC
		}
		point--
		return nil
	})
	defer c.kept.Watch(nil)
	if call() == nil {
		c.t.Errorf("on a full disk the %s of %s succeeds", what, d.token)
	}
}

func (c *crashes) fullInCreate(d declaration) {
	c.t.Helper()
	total := c.points(func() { c.create(d) })
	one := c.number()
	c.delete(d)
	none := c.number()
	for point := 0; point < total; point += 2 {
		c.fullAt(point, "create", d, func() error {
			_, err := c.engine(d.name).TryCreate(d.token, d.inputs(c.made))
			return err
		})
		c.create(d)
		c.finished(one, "create", d, point)
		c.tried.creates++
		c.delete(d)
		c.finished(none, "create", d, point)
	}
	c.create(d)
}

func (c *crashes) fullInUpdate(d declaration) {
	c.t.Helper()
	old := c.made[d.name]
	total := c.points(func() { c.update(d) })
	c.revert(d, old)
	number := c.number()
	for point := 0; point < total; point += 2 {
		c.fullAt(point, "update", d, func() error {
			_, err := c.engine(d.name).TryUpdate(old, d.changed)
			return err
		})
		c.update(d)
		c.finished(number, "update", d, point)
		c.tried.updates++
		c.revert(d, old)
	}
}

func (c *crashes) fullInDelete(d declaration) {
	c.t.Helper()
	total := c.points(func() { c.delete(d) })
	none := c.number()
	for point := 0; point < total; point += 2 {
		c.create(d)
		c.fullAt(point, "delete", d, func() error { return c.engine(d.name).TryDelete(c.made[d.name]) })
		c.delete(d)
		c.finished(none, "delete", d, point)
		c.tried.deletes++
	}
}
