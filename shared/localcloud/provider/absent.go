package provider

// Absent tells the errors of a plane that say that a thing is not there.
type Absent func(error) bool

// Gone is nil for such an error: deleting the thing is done.
func (absent Absent) Gone(err error) error {
	if err != nil && absent(err) {
		return nil
	}
	return err
}

// Found is what Read answers for err: that a thing is not there is no error.
func (absent Absent) Found(err error) (bool, error) { return err == nil, absent.Gone(err) }
