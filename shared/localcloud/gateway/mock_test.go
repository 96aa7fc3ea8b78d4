package gateway

import (
	"testing"

	"golang.org/x/time/rate"
)

func unlimited() *throttle { return &throttle{Limiter: rate.NewLimiter(rate.Inf, 0)} }

func TestAMockTakesWhatAWSsLenientParserTakes(t *testing.T) {
	for body, want := range map[string]int{
		`{"statusCode": 200}`:               200,
		`{ statusCode: 204 }`:               204,
		`{'statusCode': 200}`:               200,
		`{"statusCode": 200, "other": "x"}`: 200,
		"{\n  \"statusCode\": 500\n}\n":     500,
		`{"statusCode": "200"}`:             0,
		`"{statusCode": 200}"`:              0, // a quote in the wrong place
		`{"statusCode: 200}`:                0,
		`{}`:                                0,
		``:                                  0,
		`{"statusCode": 2000}`:              0,
		`{"statusCode": 200.5}`:             0,
		`{"body": {"statusCode": 201}}`:     0,
		`{"statusCode": null}`:              0,
		`{"message": "statusCode: 200"}`:    0,
	} {
		got, ok := mockStatus(body)
		if ok != (want != 0) || ok && got != want {
			t.Errorf("%s is status %d (%v), want %d", body, got, ok, want)
		}
	}
}
