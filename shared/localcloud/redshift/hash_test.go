package redshift

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
)

func md5Of(s string) string {
	sum := md5.Sum([]byte(s))
	return "md5" + hex.EncodeToString(sum[:])
}

func sha256Of(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
