package s3

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheAWSCLIWorksWithAnEndpointURL needs the AWS CLI, and is not run without it.
func TestTheAWSCLIWorksWithAnEndpointURL(t *testing.T) {
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("the AWS CLI is not installed")
	}
	w := newWorld(t)
	small, big, back := filepath.Join(t.TempDir(), "small"), filepath.Join(t.TempDir(), "big"), filepath.Join(t.TempDir(), "back")
	must(t, os.WriteFile(small, []byte("hello"), 0o600))
	content := strings.Repeat("0123456789abcdef", 10<<20/16) // more than the CLI sends in one part
	must(t, os.WriteFile(big, []byte(content), 0o600))
	for _, step := range []struct{ command, want string }{
		{"s3 mb s3://staging", "make_bucket: staging"},
		{"s3 cp " + small + " s3://staging/a/small", "upload:"},
		{"s3 cp " + big + " s3://staging/a/big", "upload:"},
		{"s3 mv s3://staging/a/big s3://staging/b/big", "move:"},
		{"s3 cp s3://staging/b/big " + back, "download:"},
		{"s3 ls --recursive s3://staging", "a/small"},
		{"s3 rb --force s3://staging", "remove_bucket: staging"},
	} {
		if got := w.cli(t, step.command); !strings.Contains(got, step.want) {
			t.Fatalf("aws %s\n%s\nwant %s", step.command, got, step.want)
		}
	}
	got, err := os.ReadFile(back)
	must(t, err)
	if string(got) != content {
		t.Errorf("%d bytes came back, want the %d that went", len(got), len(content))
	}
}

func (w *world) cli(t *testing.T, command string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "aws", append([]string{"--endpoint-url", w.url}, strings.Fields(command)...)...)
	c.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION="+region, "AWS_DEFAULT_REGION="+region,
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("aws %s: %v\n%s", command, err, out)
	}
	return string(out)
}
