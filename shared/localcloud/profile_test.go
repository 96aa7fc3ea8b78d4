package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAProfileIsOneThatPprofReads(t *testing.T) {
	w := httptest.NewRecorder()
	profile(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/_localcloud/profile?seconds=0.05", nil))
	// Profiles are gzip (runtime/pprof).
	if w.Code != http.StatusOK || !bytes.HasPrefix(w.Body.Bytes(), []byte{0x1f, 0x8b}) {
		t.Errorf("the answer is %d and begins %q", w.Code, w.Body.Bytes()[:min(20, w.Body.Len())])
	}
}

func TestAProfileHasAnEnd(t *testing.T) {
	for _, seconds := range []string{"", "x", "0", "-1", "61", "NaN", "1e300"} {
		w := httptest.NewRecorder()
		profile(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/_localcloud/profile?seconds="+seconds, nil))
		if w.Code != http.StatusBadRequest {
			t.Errorf("seconds=%s: the answer is %d, want 400", seconds, w.Code)
		}
	}
}
