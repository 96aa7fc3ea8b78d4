package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Drill is a failure that the local cloud can be asked for. Package drills of the local
// cloud says what each shows.
type Drill struct {
	Name   string   `json:"name"`
	Takes  []string `json:"takes"` // arguments: count, stream, action, plane, by
	Shows  string   `json:"shows"`
	Active []string `json:"active"` // what of it goes on
}

// Drills are those that the running local cloud has.
func (c Cloud) Drills(ctx context.Context) ([]Drill, error) {
	return c.askForDrill(ctx, http.MethodGet, "", nil)
}

// StartDrill begins a drill and returns all of them.
func (c Cloud) StartDrill(ctx context.Context, name string, arguments map[string]any) ([]Drill, error) {
	body, err := json.Marshal(arguments)
	if err != nil {
		return nil, err
	}
	return c.askForDrill(ctx, http.MethodPost, "/"+name, body)
}

// EndDrills ends every drill and returns them.
func (c Cloud) EndDrills(ctx context.Context) ([]Drill, error) {
	return c.askForDrill(ctx, http.MethodDelete, "", nil)
}

func (c Cloud) askForDrill(ctx context.Context, method, path string, body []byte) ([]Drill, error) {
	running, err := c.Status(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	url := fmt.Sprintf("http://127.0.0.1:%d/_localcloud/drills%s", running.AdminPort, path)
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Localcloud-Key", running.Key)
	resp, err := direct.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the local cloud for a drill: %w", err)
	}
	defer resp.Body.Close()
	return readDrills(resp)
}

// readDrills is the list in an answer, or the error in it.
func readDrills(resp *http.Response) (drills []Drill, err error) {
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read the local cloud's answer: %w", err)
	}
	if resp.StatusCode == http.StatusOK {
		return drills, json.Unmarshal(text, &drills)
	}
	var refused struct{ Message string }
	if json.Unmarshal(text, &refused) != nil || refused.Message == "" {
		refused.Message = resp.Status
	}
	return nil, errors.New(refused.Message)
}
