package engine

import (
	"context"
	"encoding/json"
	"io"
	"strings"
)

// stagedFile is one object to load.
type stagedFile struct {
	bucket, key string
	mandatory   bool
}

func (f stagedFile) url() string { return "s3://" + f.bucket + "/" + f.key }

func parseS3(url string) (bucket, key string, err error) {
	rest, ok := strings.CutPrefix(url, "s3://")
	bucket, key, _ = strings.Cut(rest, "/")
	if !ok || bucket == "" {
		return "", "", errorf(codeInternal, "Invalid S3 path: %s", url)
	}
	return bucket, key, nil
}

// sources are the objects of the manifest, or those whose keys begin with the prefix.
func (l *load) sources(ctx context.Context) ([]stagedFile, error) {
	bucket, prefix, err := parseS3(l.cmd.From)
	if err != nil {
		return nil, err
	}
	if l.cmd.Manifest {
		return l.manifest(ctx, bucket, prefix)
	}
	keys, err := l.s.db.Files.List(ctx, bucket, prefix)
	if err != nil {
		return nil, s3Failure(err.Error())
	}
	if len(keys) == 0 {
		return nil, errorf(codeInternal, "The specified S3 prefix '%s' does not exist", prefix)
	}
	all := make([]stagedFile, len(keys))
	for i, key := range keys {
		all[i] = stagedFile{bucket: bucket, key: key, mandatory: true}
	}
	return all, nil
}

// manifest reads {"entries": [{"url": "s3://...", "mandatory": true}]}.
func (l *load) manifest(ctx context.Context, bucket, key string) ([]stagedFile, error) {
	data, err := l.readAll(ctx, bucket, key)
	if err != nil {
		return nil, err
	}
	var m struct {
		Entries []struct {
			URL       string `json:"url"`
			Mandatory bool   `json:"mandatory"`
		} `json:"entries"`
	}
	if err := json.Unmarshal(data, &m); err != nil || len(m.Entries) == 0 {
		return nil, errorf(codeInternal, "Invalid manifest file: s3://%s/%s must be an object with the array \"entries\"", bucket, key)
	}
	var all []stagedFile
	for _, e := range m.Entries {
		f := stagedFile{mandatory: e.Mandatory}
		if f.bucket, f.key, err = parseS3(e.URL); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

func (l *load) readAll(ctx context.Context, bucket, key string) ([]byte, error) {
	r, err := l.s.db.Files.Open(ctx, bucket, key)
	if err != nil {
		return nil, s3Failure(err.Error())
	}
	defer r.Close()
	const most = 64 << 20
	data, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return nil, s3Failure(err.Error())
	}
	return data, nil
}

func (l *load) shredder(ctx context.Context) (*shredder, error) {
	if !strings.HasPrefix(l.cmd.JSON, "s3://") {
		return newShredder(l.cmd, l.columns, nil), nil
	}
	bucket, key, err := parseS3(l.cmd.JSON)
	if err != nil {
		return nil, err
	}
	data, err := l.readAll(ctx, bucket, key)
	if err != nil {
		return nil, err
	}
	paths, err := parseJSONPaths(data)
	if err != nil {
		return nil, err
	}
	if len(paths) != len(l.columns) {
		return nil, errorf(codeInternal, "Number of jsonpaths and the number of columns should match. JSONPath size: %d, Number of columns in table or column list: %d",
			len(paths), len(l.columns))
	}
	return newShredder(l.cmd, l.columns, paths), nil
}

func isMissing(err error) bool {
	return strings.Contains(err.Error(), "NoSuchKey") || strings.Contains(err.Error(), "does not exist")
}

func s3Failure(words string) error {
	return &Error{Code: codeInternal, Message: "S3ServiceException:" + words}
}
