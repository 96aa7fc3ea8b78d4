package s3

import (
	"encoding/json"
	"strings"

	"go.etcd.io/bbolt"
)

// listing is what a listing asks for.
type listing struct {
	prefix    string
	delimiter string // groups keys up to its first occurrence after the prefix
	after     string // a key, or a group, to go on after
	limit     int    // of keys and groups together; 0: all
}

// page is a listing's answer. next is what to go on after, empty at the end.
type page struct {
	objects []Object
	groups  []string
	next    string
}

func (p *page) size() int { return len(p.objects) + len(p.groups) }

// list walks the index from the first key that can be meant; a group is skipped as a
// whole, however many keys it has.
func (o *objects) list(bucket string, l listing) (page, error) {
	var p page
	err := o.view(bucket, func(b *bbolt.Bucket) error {
		c := b.Cursor()
		last := ""
		for k, v := c.Seek([]byte(l.start())); k != nil && strings.HasPrefix(string(k), l.prefix); {
			if l.limit > 0 && p.size() == l.limit {
				p.next = last
				return nil
			}
			group := l.groupOf(string(k))
			switch {
			case group != "" && group <= l.after: // its group was in the page before
			case group != "":
				p.groups, last = append(p.groups, group), group
			case string(k) != l.after:
				object, err := objectOf(string(k), v)
				if err != nil {
					return err
				}
				p.objects, last = append(p.objects, object), object.Key
			}
			if group != "" {
				k, v = c.Seek([]byte(afterPrefix(group)))
			} else {
				k, v = c.Next()
			}
		}
		return nil
	})
	return p, err
}

func (l listing) start() string { return max(l.prefix, l.after) }

// groupOf returns the group that a key is in, or "".
func (l listing) groupOf(key string) string {
	if l.delimiter == "" {
		return ""
	}
	rest := key[len(l.prefix):]
	i := strings.Index(rest, l.delimiter)
	if i < 0 {
		return ""
	}
	return key[:len(l.prefix)+i+len(l.delimiter)]
}

// afterPrefix is the first string behind all that begin with prefix. UTF-8 has no byte
// 0xFF, so keys do not.
func afterPrefix(prefix string) string { return prefix + "\xff" }

func objectOf(key string, value []byte) (Object, error) {
	var r record
	err := json.Unmarshal(value, &r)
	return Object{Key: key, Size: r.Size, Modified: r.Modified, ETag: r.MD5}, err
}
