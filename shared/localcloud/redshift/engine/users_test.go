package engine

import (
	"context"
	"errors"
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

func TestAUserHasNoMoreSessionsThanHisConnectionLimit(t *testing.T) {
	d, s := open(t)
	must(t, s, "CREATE USER one PASSWORD 'Abcd1234' CONNECTION LIMIT 1; CREATE USER chief PASSWORD 'Abcd1234' CREATEUSER CONNECTION LIMIT 1")
	one, err := d.Impersonate(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	first := session(t, d, "one")
	var e *Error
	if _, err := d.NewSession(t.Context(), one); !errors.As(err, &e) || e.Code != "53300" {
		t.Errorf("a second session: %v, want 53300", err)
	}
	first.Close()
	session(t, d, "one")
	session(t, d, "chief")
	session(t, d, "chief")
}
