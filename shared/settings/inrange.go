package settings

import "fmt"

// InRange says whether a whole number, which the setting of that name asks for, is within low
// and high, both of them allowed.
func InRange(name string, value, low, high int) error {
	if value < low || value > high {
		return fmt.Errorf("%s is %d, want %d to %d", name, value, low, high)
	}
	return nil
}
