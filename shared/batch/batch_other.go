//go:build !linux

package batch

func thread() (undo func())  { return func() {} }
func process() (undo func()) { return func() {} }
