package story

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// skipped are the README's commands that the story does not run, and why.
var skipped = map[string]string{
	"go tool mage test": "it is what runs this test",
}

// crossChecks are programs that the README uses where they are installed.
var crossChecks = []string{"aws", "psql", "curl"}

// arrives is how long a row may take: a minute of buffering, a COPY, and a slow machine.
const arrives = 3 * time.Minute

// expectations say what a command of the README must print, by its beginning; %d is how
// many layers there are.
var expectations = []struct{ command, output string }{
	{"go tool mage deploy:all", "%d deployed"},
	{"go tool mage events:send", "200"},
	{"go tool mage events:query", "m4a1"},
	{"curl -si -X POST", "HTTP/1.1 401 Unauthorized"},
	{"curl -si -X POST", `{"message":"Unauthorized"}`},
	{"aws firehose describe-delivery-stream", `"DeliveryStreamStatus": "ACTIVE"`},
	{`echo "select game_name`, "m4a1"},
	{"go tool mage deploy:stream", "1 deployed"},
	{"go tool mage local:drill list", "fail-copies"},
	{"go tool mage local:status", "running as process"},
	{"go tool mage destroy:all", "%d destroyed"},
	{"go tool mage local:down", "stopped"},
}

// The README, from top to bottom, in a clean copy of the repository.
func TestTheReadmeIsTrue(t *testing.T) {
	t.Parallel() // with the stories
	r := newRepository(t, t.TempDir())
	ran := map[string]bool{}
	for _, command := range readmeCommands(t, r) {
		if why, skip := skipped[command]; skip {
			t.Logf("not run: %s: %s", command, why)
			continue
		}
		if program, absent := missing(command); absent {
			t.Logf("not run: %s: %s is not installed", command, program)
			continue
		}
		if strings.HasPrefix(command, "eval ") {
			r.prelude = append(r.prelude, command)
			continue
		}
		r.before(t, command)
		output := r.until(t, command, wanted(command, r.layers))
		r.after(t, command, output)
		ran[command] = true
	}
	for _, e := range expectations {
		if _, absent := missing(e.command); !absent && !anyHasPrefix(ran, e.command) {
			t.Errorf("the README no longer has a command %q: the story expects it", e.command)
		}
	}
}

func wanted(command string, layers int) []string {
	var list []string
	for _, e := range expectations {
		if strings.HasPrefix(command, e.command) {
			list = append(list, strings.ReplaceAll(e.output, "%d", strconv.Itoa(layers)))
		}
	}
	return list
}

func anyHasPrefix(commands map[string]bool, prefix string) bool {
	for c := range commands {
		if strings.HasPrefix(c, prefix) {
			return true
		}
	}
	return false
}

func missing(command string) (program string, absent bool) {
	for _, p := range crossChecks {
		if strings.HasPrefix(command, p+" ") || strings.HasSuffix(command, ":"+p) {
			_, err := exec.LookPath(p)
			return p, err != nil
		}
	}
	return "", false
}

// before does what the README's text tells the reader to do before a command.
func (r *repository) before(t *testing.T, command string) {
	if command == "go tool mage deploy:stream" {
		r.edit(t, "projects/stream/Pulumi.local.yaml", "bufferIntervalSeconds: 2", "bufferIntervalSeconds: 3")
	}
}

// after checks what the README's text says beyond a command's output.
func (r *repository) after(t *testing.T, command, output string) {
	switch command {
	case "go tool mage deploy:all":
		r.expect(t, "go tool mage deploy:all", fmt.Sprintf("nothing changed (%d layers)", r.layers))
		r.untouched(t)
	case "go tool mage events:query":
		r.aRestartKeepsTheRow(t)
	case "go tool mage deploy:stream":
		r.edit(t, "projects/stream/Pulumi.local.yaml", "bufferIntervalSeconds: 3", "bufferIntervalSeconds: 2")
	case "go tool mage local:down":
		r.prelude = nil // it would start the local cloud again
		r.untouched(t)
		if _, err := http.Get(r.health); err == nil {
			t.Error("after local:down the local cloud still answers")
		}
	}
}

// aRestartKeepsTheRow stops the local cloud, once politely and once with kill -9, and
// finds the row again: the second time the query starts it.
func (r *repository) aRestartKeepsTheRow(t *testing.T) {
	r.expect(t, "go tool mage local:down", "stopped")
	r.expect(t, "go tool mage local:up", "")
	r.expect(t, "go tool mage events:query", "m4a1")
	r.kill(t)
	r.fails(t, "go tool mage local:status", "go tool mage local:up")
	r.expect(t, "go tool mage events:query", "m4a1") // it starts again by itself
}

// readmeCommands are the commands of the README's sh blocks in order, except those
// that need an AWS account.
func readmeCommands(t *testing.T, r *repository) []string {
	t.Helper()
	data, err := os.ReadFile(r.path("README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	inside := false
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "```sh":
			inside = true
		case strings.HasPrefix(line, "```"):
			inside = false
		case inside && line != "":
			commands = append(commands, line)
		}
	}
	return commands
}

// kill ends the local cloud as a crash does.
func (r *repository) kill(t *testing.T) {
	t.Helper()
	process, err := r.process()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
}

// process is the running local cloud.
func (r *repository) process() (*os.Process, error) {
	response, err := http.Get(r.health)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var info struct{ PID int }
	if err := json.NewDecoder(response.Body).Decode(&info); err != nil {
		return nil, err
	}
	return os.FindProcess(info.PID)
}
