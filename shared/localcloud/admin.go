package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"pipeline/shared/localcloud/drills"
)

// adminPath is where the local cloud answers about itself, and not for AWS.
const adminPath = "/_localcloud/"

// admin serves health, drills and profiles. They are behind the front door, for people,
// and on a port of their own, for local:up and local:drill: clients that hold every
// connection to the front door do not make a local cloud look dead.
func (c *cloud) admin(info runtime, key string, call time.Duration) http.Handler {
	drilling := c.drills.Handler(key)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case path == adminPath+"health":
			c.health(w, info)
		case path == drills.Path || strings.HasPrefix(path, drills.Path+"/"):
			hurry(w, call)
			drilling.ServeHTTP(w, r)
		case foreignPage(r):
			refuseForeign(w)
		case path == adminPath+"profile":
			profile(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

// health says where the local cloud listens and what is out of the ordinary.
func (c *cloud) health(w http.ResponseWriter, now runtime) {
	alarms, err := c.watch.InAlarm()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	now.Drills, now.Alarms = c.drills.Active(), alarms
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(now)
}
