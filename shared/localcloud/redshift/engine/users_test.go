package engine

import (
	"context"
	"testing"
)

func TestTheAdminIsThereWhileHisPasswordChanges(t *testing.T) {
	d, _ := open(t)
	ctx, stop := context.WithCancel(t.Context())
	changed := make(chan error)
	go func() {
		var err error
		for i := 0; err == nil && i < 100; i++ {
			err = d.SetAdmin(t.Context(), "admin", "Admin1234")
		}
		stop()
		changed <- err
	}()
	for ctx.Err() == nil {
		if _, err := d.SignIn(t.Context(), "admin", "Admin1234"); err != nil {
			t.Errorf("the admin cannot sign in: %v", err)
			break
		}
	}
	if err := <-changed; err != nil {
		t.Errorf("change the password: %v", err)
	}
}
