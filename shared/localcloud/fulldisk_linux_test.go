package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	watchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// smallDisk is a file system of so many bytes.
func smallDisk(t *testing.T, bytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Skipf("this test mounts a small file system, which takes root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount the small file system: %v", err)
		}
	})
	return dir
}

// fill takes all the space that is left and returns what gives it back.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for chunk := make([]byte, 1<<20); len(chunk) > 0; {
		if _, err := f.Write(chunk); errors.Is(err, syscall.ENOSPC) {
			chunk = chunk[:len(chunk)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAFullDiskAcknowledgesNothing fills the disk under a running local cloud. What it
// cannot store it refuses; when there is space it goes on, also with the delivery that
// failed; and a kill loses nothing of what it acknowledged before, during and after.
func TestAFullDiskAcknowledgesNothing(t *testing.T) {
	disk := smallDisk(t, 96<<20)
	p := &practice{path: deployPath(t, filepath.Join(disk, "state"), 0), t: t}
	running := launch(t, p.path)
	p.key = running.ready(t).Key
	p.signIn()
	acknowledged := p.until(t, "", 200, 1)
	p.waitForEvents(t, acknowledged) // no COPY, which is made again after 5 minutes only, is under way

	p.drill(t, p.key, "slow", `{"plane":"s3","by":"5s"}`) // until the disk is full
	acknowledged = append(acknowledged, p.until(t, "", 200, 1)...)
	free := fill(t, disk)
	acknowledged = append(acknowledged, p.until(t, "on a full disk", 503, 5)...)
	p.refusesObjects("on a full disk")
	p.waitForFailure(t)
	p.drill(t, p.key, "slow", `{"plane":"s3","by":"0s"}`)
	free()
	acknowledged = append(acknowledged, p.until(t, "with space again", 200, 3)...)
	p.waitForEvents(t, acknowledged)

	free = fill(t, disk)
	acknowledged = append(acknowledged, p.until(t, "on a full disk that is killed", 503, 5)...)
	running.kill()
	free()
	running = launch(t, p.path)
	running.ready(t)
	acknowledged = append(acknowledged, p.until(t, "after the kill", 200, 3)...)
	p.waitForEvents(t, acknowledged)
	t.Logf("%d events acknowledged", len(acknowledged))
}

// waitForFailure waits until a delivery to the bucket has failed.
func (p *practice) waitForFailure(t *testing.T) {
	t.Helper()
	client := cloudwatch.New(cloudwatch.Options{Region: p.Region, BaseEndpoint: aws.String(p.url()), Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	eventually(t, "a delivery has failed", func() error {
		now := time.Now()
		out, err := client.GetMetricStatistics(t.Context(), &cloudwatch.GetMetricStatisticsInput{Namespace: aws.String("AWS/Firehose"), MetricName: aws.String("DeliveryToS3.Success"),
			Dimensions: []watchtypes.Dimension{{Name: aws.String("DeliveryStreamName"), Value: aws.String(streamName)}},
			StartTime:  aws.Time(now.Add(-time.Hour)), EndTime: aws.Time(now.Add(time.Minute)), Period: aws.Int32(3600), Statistics: []watchtypes.Statistic{watchtypes.StatisticMinimum}})
		if err != nil {
			return err
		}
		for _, point := range out.Datapoints {
			if *point.Minimum == 0 {
				return nil
			}
		}
		return fmt.Errorf("the metric says %+v", out.Datapoints)
	})
}

// until sends events until so many had the status, and returns those that were
// acknowledged. Any other status than 200 and 503 is a failure.
func (p *practice) until(t *testing.T, when string, status, times int) (acknowledged []string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s %d events are answered %d", when, times, status), func() error {
		for range 100 { // there is room in the journal for thousands
			id, got, answer := p.send()
			switch {
			case got == http.StatusOK:
				acknowledged = append(acknowledged, id)
			case got != http.StatusServiceUnavailable || !strings.Contains(answer, "was not accepted, send it again"):
				t.Fatalf("%s an event is answered %d %s", when, got, answer)
			}
			if got == status {
				times--
			}
			if times <= 0 {
				return nil
			}
		}
		return fmt.Errorf("%d are left", times)
	})
	return acknowledged
}

func (p *practice) refusesObjects(when string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPut, p.url()+"/"+bucketName+"/large", strings.NewReader(strings.Repeat("x", 1<<20)))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", signature("s3"))
	req.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
	if status, answer := do(p.t, req); status != http.StatusInternalServerError || !strings.Contains(answer, "InternalError") {
		p.t.Errorf("%s an object is answered %d %s, want 500 InternalError", when, status, answer)
	}
}
