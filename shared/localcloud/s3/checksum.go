package s3

import (
	"bufio"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// checksums are the headers and trailers by which a client has S3 check the bytes.
var checksums = map[string]func() hash.Hash{
	"Content-Md5":              md5.New,
	"X-Amz-Checksum-Crc32":     func() hash.Hash { return crc32.NewIEEE() },
	"X-Amz-Checksum-Crc32c":    func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
	"X-Amz-Checksum-Crc64nvme": func() hash.Hash { return crc64.New(crc64NVME) },
	"X-Amz-Checksum-Sha1":      sha1.New,
	"X-Amz-Checksum-Sha256":    sha256.New,
}

// crc64NVME is the polynomial of the NVM Express specification, as package crc64 wants it.
var crc64NVME = crc64.MakeTable(0x9a6c9329ac4bc9b5)

// streaming are the ways to send a body in aws-chunked.
var streaming = names("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")

// verifyBody replaces a request's body by one that is unpacked and that fails, at its
// end, if the bytes are not those that the client has computed a checksum of.
func verifyBody(r *http.Request, complete bool) error {
	body := &checked{from: r.Body, body: r.Body, hashes: map[string]hash.Hash{}, want: map[string]string{}}
	switch sum := r.Header.Get("X-Amz-Content-Sha256"); {
	case len(sum) == 64:
		body.hashes["X-Amz-Content-Sha256"], body.want["X-Amz-Content-Sha256"] = sha256.New(), sum
	case sum != "" && sum != "UNSIGNED-PAYLOAD" && !streaming[sum]:
		return errorf("InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.")
	}
	for name, makeHash := range checksums {
		sum := r.Header.Get(name)
		if sum != "" && complete && name != "Content-Md5" { // of the object, not of the list of parts
			return notServed("header %s of an upload's end", name)
		}
		if sum != "" {
			body.hashes[name], body.want[name] = makeHash(), sum
		}
	}
	if streaming[r.Header.Get("X-Amz-Content-Sha256")] {
		if err := unpack(r, body); err != nil {
			return err
		}
	}
	r.Body = body
	return nil
}

// unpack has the body read as aws-chunked ("Signature calculations for chunked
// uploads", S3 API reference).
func unpack(r *http.Request, body *checked) error {
	size, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
	if err != nil || size < 0 {
		return errorf("MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	if trailer := http.CanonicalHeaderKey(r.Header.Get("X-Amz-Trailer")); trailer != "" {
		if checksums[trailer] == nil {
			return notServed("trailer %s", trailer)
		}
		body.hashes[trailer] = checksums[trailer]()
	}
	body.from = &chunks{from: bufio.NewReader(r.Body), trailers: body.want}
	r.ContentLength = size
	r.Header.Set("Content-Length", strconv.FormatInt(size, 10))
	r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
	if rest := strings.Trim(strings.ReplaceAll(r.Header.Get("Content-Encoding"), "aws-chunked", ""), ", "); rest != "" {
		r.Header.Set("Content-Encoding", rest)
	} else {
		r.Header.Del("Content-Encoding")
	}
	return nil
}

// checked is a body whose checksums are compared at its end.
type checked struct {
	from   io.Reader
	body   io.Closer
	hashes map[string]hash.Hash
	want   map[string]string // as the client has written them
}

func (c *checked) Close() error { return c.body.Close() }

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	for _, h := range c.hashes {
		h.Write(p[:n])
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = incomplete()
	case errors.Is(err, io.EOF):
		err = c.compare()
	}
	return n, err
}

// compare returns io.EOF if all is as the client says.
func (c *checked) compare() error {
	for name, h := range c.hashes {
		sum := h.Sum(nil)
		if name == "X-Amz-Content-Sha256" {
			if hex.EncodeToString(sum) != c.want[name] {
				return errorf("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
			}
			continue
		}
		if base64.StdEncoding.EncodeToString(sum) != c.want[name] {
			algorithm := strings.ToUpper(name[strings.LastIndexByte(name, '-')+1:])
			return errorf("BadDigest", "The %s you specified did not match the calculated checksum.", algorithm)
		}
	}
	return io.EOF
}

// chunks reads aws-chunked bodies: "<hex size>[;chunk-signature=...]" CRLF, the bytes,
// CRLF, until a size of 0, then trailers. Signatures are not looked at, as none are.
type chunks struct {
	from     *bufio.Reader
	left     int64 // of the chunk
	ended    bool
	trailers map[string]string
}

func (c *chunks) Read(p []byte) (int, error) {
	if c.left == 0 && !c.ended {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	if c.ended {
		return 0, io.EOF
	}
	n, err := c.from.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if err == nil && c.left == 0 {
		err = c.blank()
	}
	return n, unexpected(err)
}

func (c *chunks) next() error {
	line, err := c.line()
	if err != nil {
		return err
	}
	size, _, _ := strings.Cut(line, ";")
	if c.left, err = strconv.ParseInt(size, 16, 64); err != nil || c.left < 0 {
		return incomplete()
	}
	if c.left > 0 {
		return nil
	}
	c.ended = true
	for {
		line, err := c.line()
		if err != nil || line == "" {
			return err
		}
		name, value, _ := strings.Cut(line, ":")
		c.trailers[http.CanonicalHeaderKey(name)] = strings.TrimSpace(value)
	}
}

func (c *chunks) blank() error {
	line, err := c.line()
	if err == nil && line != "" {
		return incomplete()
	}
	return err
}

// line is without its CRLF. A line longer than the reader's buffer is no chunk's.
func (c *chunks) line() (string, error) {
	line, err := c.from.ReadSlice('\n')
	if err != nil {
		return "", incomplete()
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

func incomplete() error {
	return errorf("IncompleteBody", "The request body terminated unexpectedly")
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return incomplete()
	}
	return err
}
