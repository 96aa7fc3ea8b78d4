package network

import (
	"strings"
	"testing"
)

func TestAFilterOfZonesThatIsNotHonouredIsRefused(t *testing.T) {
	if _, err := (zoneFilter{Name: "zone-name", Values: []string{"eu-central-1a"}}).matches(); err == nil || !strings.Contains(err.Error(), `"zone-name"`) {
		t.Errorf("the error is %v, want one that names the filter", err)
	}
}
