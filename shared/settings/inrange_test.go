package settings

import "testing"

func TestARangeHoldsBothItsEnds(t *testing.T) {
	for value, in := range map[int]bool{4: false, 5: true, 7: true, 8: false} {
		if err := InRange("size", value, 5, 7); (err == nil) != in {
			t.Errorf("for %d of 5 to 7 the error is %v", value, err)
		}
	}
	if err := InRange("size", 8, 5, 7); err == nil || err.Error() != "size is 8, want 5 to 7" {
		t.Errorf("the error is %v", err)
	}
}
