package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// practice is a running path with its drills.
type practice struct {
	*path
	t     *testing.T
	key   string
	token string
	sent  int
	taken []string // the events that were acknowledged
}

// send posts an event and returns its id, status and answer.
func (p *practice) send() (id string, status int, answer string) {
	p.t.Helper()
	p.sent++
	id = fmt.Sprintf("event-%d", p.sent)
	status, text, err := post(p.t.Context(), http.DefaultClient, p.events, p.token, body([]string{id}))
	if err != nil {
		p.t.Fatal(err)
	}
	if status == http.StatusOK {
		p.taken = append(p.taken, id)
	}
	return id, status, string(text)
}

// settles waits until every acknowledged event is in the table: what a COPY has under way
// when a drill begins is not for that drill to fail.
func (p *practice) settles() {
	p.t.Helper()
	p.waitForEvents(p.t, p.taken)
}

// answers checks what becomes of the next event.
func (p *practice) answers(when string, status int, text string) {
	p.t.Helper()
	if _, got, answer := p.send(); got != status || !strings.Contains(answer, text) {
		p.t.Errorf("%s an event is answered %d %s, want %d with %q", when, got, answer, status, text)
	}
}

func (p *practice) signIn() {
	p.t.Helper()
	var err error
	if p.token, err = p.path.token(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// TestDrillsShowWhatTheyAreFor is every drill on the whole path, and that a restart ends
// them all.
func TestDrillsShowWhatTheyAreFor(t *testing.T) {
	p := &practice{path: deployPath(t, t.TempDir(), 0), t: t}
	running := launch(t, p.path)
	p.key = running.ready(t).Key
	p.signIn()
	p.answers("without a drill", 200, "success")
	p.settles()

	p.drill(t, p.key, "refuse-records", `{"count":1}`)
	p.answers("while records are refused", 503, "was not accepted, send it again")
	p.answers("after that", 200, "success")

	p.drill(t, p.key, "deny", `{"action":"firehose:PutRecord","count":1}`)
	p.answers("while PutRecord is denied", 502, "because of a mistake on our side")
	p.answers("after that", 200, "success")

	p.theClockJumps()
	p.tokensExpire()
	p.aPlaneIsSlow()
	p.aCopyFails(p.theWarehousePauses(running))
}

func (p *practice) tokensExpire() {
	began := time.Now()
	p.drill(p.t, p.key, "expire-tokens", "")
	p.answers("when tokens have expired", 401, "The incoming token has expired")
	eventually(p.t, "a token of a later second is good", func() error {
		p.signIn()
		if _, status, answer := p.send(); status != http.StatusOK {
			return fmt.Errorf("%s after the drill: %d %s", time.Since(began), status, answer)
		}
		return nil
	})
}

func (p *practice) aPlaneIsSlow() {
	for _, plane := range []string{"gateway", "firehose"} {
		p.drill(p.t, p.key, "slow", fmt.Sprintf(`{"plane":%q,"by":"400ms"}`, plane))
		began := time.Now()
		p.answers("while "+plane+" is slow", 200, "success")
		if took := time.Since(began); took < 400*time.Millisecond {
			p.t.Errorf("with %s slowed by 400ms an event is answered after %s", plane, took)
		}
		p.drill(p.t, p.key, "slow", fmt.Sprintf(`{"plane":%q,"by":"0s"}`, plane))
	}
	p.drill(p.t, p.key, "slow", `{"plane":"redshift","by":"100ms"}`)
	began := time.Now()
	if _, err := p.count(p.t.Context(), "SELECT 1"); err != nil || time.Since(began) < 100*time.Millisecond {
		p.t.Errorf("with redshift slowed by 100ms a query takes %s: %v", time.Since(began), err)
	}
	if status, answer := p.askDrill(p.t, http.MethodDelete, "", p.key, ""); status != http.StatusOK || strings.Contains(answer, "active") {
		p.t.Errorf("after off there is %d %s", status, answer)
	}
}

// theClockJumps ahead beyond a token's hour, and back: nothing that was acknowledged on
// either side is late for ever.
func (p *practice) theClockJumps() {
	p.settles() // a COPY's keys last for an hour
	p.drill(p.t, p.key, "clock", `{"by":"26h"}`)
	p.answers("a day later", 401, "The incoming token has expired")
	p.signIn()
	p.answers("with a token of that day", 200, "success")
	p.drill(p.t, p.key, "clock", `{"by":"-26h"}`)
	p.signIn()
	p.answers("with a token of the day before", 200, "success")
	p.settles()
	p.drill(p.t, p.key, "clock", `{"by":"0s"}`)
	p.signIn()
}

// theWarehousePauses, which no sender of events sees: they wait, and arrive with the next
// COPY. That would be made in five minutes, and is made by the local cloud's next start.
func (p *practice) theWarehousePauses(running *process) *process {
	p.settles()
	p.drill(p.t, p.key, "pause-warehouse", "")
	if _, err := p.count(p.t.Context(), "SELECT 1"); err == nil {
		p.t.Error("a paused warehouse answers")
	}
	id, status, answer := p.send()
	if status != http.StatusOK {
		p.t.Errorf("while the warehouse is paused an event is answered %d %s", status, answer)
	}
	p.tellsOfCopy("Redshift.ConnectionFailed")
	p.drill(p.t, p.key, "resume-warehouse", "")
	if _, err := p.count(p.t.Context(), "SELECT 1"); err != nil {
		p.t.Errorf("a resumed warehouse: %v", err)
	}
	if once, err := p.arrived(p.t.Context(), "events_once"); err != nil || once[id] != 0 {
		p.t.Errorf("the event that came in the pause is %d times in the view before the next COPY: %v", once[id], err)
	}
	running.kill()
	running = launch(p.t, p.path)
	p.key = running.ready(p.t).Key
	p.waitForEvents(p.t, []string{id})
	return running
}

// aCopyFails, and would be made again in five minutes; a local cloud that is killed
// meanwhile makes it as it starts, and knows nothing of drills.
func (p *practice) aCopyFails(running *process) {
	p.drill(p.t, p.key, "slow", `{"plane":"s3","by":"1ms"}`)
	p.drill(p.t, p.key, "fail-copies", `{"count":1}`)
	id, _, _ := p.send()
	eventually(p.t, "a COPY has failed", func() error {
		if _, answer := p.askDrill(p.t, http.MethodGet, "", p.key, ""); strings.Contains(answer, "1 left of "+streamName) {
			return fmt.Errorf("the drills are %s", answer)
		}
		return nil
	})
	if once, err := p.arrived(p.t.Context(), "events_once"); err != nil || once[id] != 0 {
		p.t.Errorf("the event of a failed COPY is %d times in the view: %v", once[id], err)
	}
	running.kill()
	key := launch(p.t, p.path).ready(p.t).Key
	if status, answer := p.askDrill(p.t, http.MethodGet, "", key, ""); status != http.StatusOK || strings.Contains(answer, "active") {
		p.t.Errorf("after a restart there is %d %s", status, answer)
	}
	if key == p.key {
		p.t.Error("after a restart the key is the same")
	}
	p.waitForEvents(p.t, []string{id})
}

// tellsOfCopy waits until the stream's log tells of a failed COPY, and checks that it is
// with that code.
func (p *practice) tellsOfCopy(code string) {
	p.t.Helper()
	client := cloudwatchlogs.NewFromConfig(aws.Config{Region: region, BaseEndpoint: aws.String(p.url()),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	eventually(p.t, "the failed COPY is in the stream's log", func() error {
		found, err := client.FilterLogEvents(p.t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(deliveryLog)})
		if err == nil && len(found.Events) == 0 {
			err = errors.New("it is empty")
		}
		if err != nil {
			return err
		}
		if line := *found.Events[0].Message; !strings.Contains(line, `"errorCode":"`+code+`"`) {
			p.t.Errorf("the stream's log has %s, want %s", line, code)
		}
		return nil
	})
}

// A denial is told in Firehose's log as AWS tells it, and in the local cloud's own with
// what AWS leaves out: who may not do what.
func TestADenialIsToldWithItsActionResourceAndRole(t *testing.T) {
	p := &practice{path: deployPath(t, t.TempDir(), 0), t: t}
	running := launch(t, p.path)
	p.key = running.ready(t).Key
	p.signIn()
	p.drill(t, p.key, "deny", `{"action":"s3:GetObject","count":1}`)
	p.answers("while COPY may not read", 200, "success")
	p.tellsOfCopy("Redshift.S3BucketAccessDenied")
	running.kill()
	want := []string{"delivery failed", "Redshift.S3BucketAccessDenied", "s3:GetObject", "arn:aws:s3:::" + bucketName + "/", "assumed-role/delivery/"}
	for _, text := range want {
		if !strings.Contains(running.said.String(), text) {
			t.Errorf("the local cloud's log does not say %s:\n%s", text, running.said.String())
		}
	}
}
