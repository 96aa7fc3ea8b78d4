package logs

import (
	"regexp"
	"slices"
)

var groupPattern = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)

// retentions are the days that AWS allows (botocore service model logs,
// PutRetentionPolicy); 0 is for ever.
var retentions = []int{0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// Check refuses what AWS would.
func (g Group) Check() error {
	if !groupPattern.MatchString(g.Name) {
		return errInvalid(`1 validation error detected: Value '%s' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`, g.Name)
	}
	if !slices.Contains(retentions, g.RetentionInDays) {
		return errRetention(g.RetentionInDays)
	}
	return nil
}

func errRetention(days int) error {
	return errInvalid("1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: %v", days, retentions[1:])
}
