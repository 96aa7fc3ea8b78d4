package toolchain

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// downloads is where the Automation API's installer gets its script and the CLI.
const downloads = "https://get.pulumi.com/install.sh"

// reachable says why the downloads cannot be reached, if so.
func reachable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, downloads, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", downloads, resp.Status)
	}
	return nil
}
