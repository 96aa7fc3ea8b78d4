package main

import (
	"net/http"
	"runtime/pprof"
	"strconv"
	"time"
)

// longestProfile bounds how long a profile runs.
const longestProfile = time.Minute

// profile answers with where this process spends its processor time in the next
// ?seconds=, as `go tool pprof` reads it. `mage bench` asks.
func profile(w http.ResponseWriter, r *http.Request) {
	seconds, err := strconv.ParseFloat(r.FormValue("seconds"), 64)
	length := time.Duration(seconds * float64(time.Second))
	if err != nil || length <= 0 || length > longestProfile {
		http.Error(w, "seconds has to be a number of up to 60", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := pprof.StartCPUProfile(w); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	defer pprof.StopCPUProfile()
	select {
	case <-time.After(length):
	case <-r.Context().Done():
	}
}
