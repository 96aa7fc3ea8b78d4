package engine

import "testing"

// "If the date you are adding to is the last day of the month, the result is always the
// last day of the result month".
func TestTheLastDayOfAMonthStaysTheLastDay(t *testing.T) {
	_, s := open(t)
	wantRows(t, s, map[string]string{
		"SELECT add_months('2008-04-30', 1), add_months('2008-03-31', 1)":                          "2008-05-31 00:00:00|2008-04-30 00:00:00",
		"SELECT add_months('2008-02-29 10:00:00', -1), add_months('2008-04-29 23:59:59.5', 1)":     "2008-01-31 10:00:00|2008-05-29 23:59:59.5",
		"SELECT add_months('2008-01-30', 1), add_months(NULL::date, 1), add_months('2008-1-1', 0)": "2008-02-29 00:00:00|∅|2008-01-01 00:00:00",
	})
}
