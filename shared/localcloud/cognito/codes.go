package cognito

import (
	"crypto/rand"
	"sync"
	"time"
)

// codeTTL is how long an authorization code is good for ("Authorize endpoint" in
// Cognito's developer guide: five minutes).
const codeTTL = 5 * time.Minute

// code is what an authorization code stands for.
type code struct {
	Request authorizeRequest
	UserKey string
	Sub     string
	expires time.Time
}

// codes are the authorization codes that wait for their client. They are for one use and
// five minutes, and not for after a restart.
type codes struct {
	now  func() time.Time
	mu   sync.Mutex
	open map[string]code
}

func newCodes(now func() time.Time) *codes { return &codes{now: now, open: map[string]code{}} }

// add returns a new code, and forgets those that nobody came for.
func (c *codes) add(v code) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, old := range c.open {
		if !c.now().Before(old.expires) {
			delete(c.open, id)
		}
	}
	v.expires = c.now().Add(codeTTL)
	id := rand.Text()
	c.open[id] = v
	return id
}

// take returns what a code stands for, once.
func (c *codes) take(id string) (code, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.open[id]
	delete(c.open, id)
	return v, ok && c.now().Before(v.expires)
}
