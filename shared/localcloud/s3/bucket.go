package s3

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/iam/policy"
	"pipeline/shared/localcloud/store"
)

// Bucket is a bucket with its configuration. A nil or empty part is not configured.
type Bucket struct {
	Name    string
	Created time.Time
	Tags    map[string]string

	Ownership         string // BucketOwnerEnforced, the only one served
	PublicAccessBlock *PublicAccessBlock
	Encryption        *Encryption
	Versioning        string // Suspended, or empty
	Lifecycle         []LifecycleRule
	Policy            string // JSON
}

// PublicAccessBlock is S3 Block Public Access of one bucket. The two about ACLs change
// nothing here, since no bucket has ACLs.
type PublicAccessBlock struct {
	BlockPublicAcls       bool
	BlockPublicPolicy     bool
	IgnorePublicAcls      bool
	RestrictPublicBuckets bool
}

// Encryption is the default encryption of new objects. Objects are said to be
// encrypted so; the files of the local cloud are not.
type Encryption struct {
	Algorithm string // AES256, the only one served
	BucketKey bool
}

// CreateBucket makes a bucket as S3 makes them since April 2023: owner enforced, all
// public access blocked, AES256. The errors are InvalidBucketName, InvalidTag and
// BucketAlreadyOwnedByYou.
func (s *Service) CreateBucket(name string, tags map[string]string) (Bucket, error) {
	return s.createBucket(s.kept, name, tags)
}

func (s *Service) createBucket(kept store.Collection[Bucket], name string, tags map[string]string) (Bucket, error) {
	if err := CheckBucket(name, tags); err != nil {
		return Bucket{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[name] != nil {
		return Bucket{}, errorf("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
	}
	if err := s.objects.createBucket(name); err != nil {
		return Bucket{}, err
	}
	b := Bucket{Name: name, Created: s.now().UTC().Truncate(time.Second), Tags: tags, Ownership: "BucketOwnerEnforced",
		PublicAccessBlock: &PublicAccessBlock{true, true, true, true}, Encryption: &Encryption{Algorithm: "AES256"}}
	return b, s.keep(kept, b)
}

// GetBucket returns a bucket's configuration, or NoSuchBucket.
func (s *Service) GetBucket(name string) (Bucket, error) {
	b, err := s.bucket(name)
	if err != nil {
		return Bucket{}, err
	}
	return b.Bucket, nil
}

// ListBuckets returns every bucket, by name.
func (s *Service) ListBuckets() []Bucket {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []Bucket
	for _, name := range slices.Sorted(maps.Keys(s.buckets)) {
		all = append(all, s.buckets[name].Bucket)
	}
	return all
}

// DeleteBucket removes an empty bucket: BucketNotEmpty otherwise.
func (s *Service) DeleteBucket(name string) error { return s.deleteBucket(s.kept, name) }

func (s *Service) deleteBucket(kept store.Collection[Bucket], name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[name] == nil {
		return noSuchBucket()
	}
	if err := s.objects.deleteBucket(name); err != nil {
		return err
	}
	s.abortUploads(name)
	if err := kept.Delete(name); err != nil { // it is there, and takes objects
		return errors.Join(err, s.objects.createBucket(name))
	}
	delete(s.buckets, name)
	return nil
}

// EmptyBucket deletes every object of a bucket (force destroy).
func (s *Service) EmptyBucket(name string) error {
	if _, err := s.bucket(name); err != nil {
		return err
	}
	if err := s.objects.createBucket(name); err != nil { // a deletion that failed has taken it
		return err
	}
	all, err := s.objects.list(name, listing{})
	if err != nil {
		return err
	}
	for _, o := range all.objects {
		if _, err := s.objects.delete(name, o.Key, nil); err != nil {
			return err
		}
	}
	return nil
}

// PutTags replaces a bucket's tags.
func (s *Service) PutTags(name string, tags map[string]string) error {
	if err := validateTags(tags); err != nil {
		return err
	}
	return s.change(name, func(b *Bucket) error { b.Tags = tags; return nil })
}

// PutOwnership sets who owns objects; empty removes the setting. Anything but
// BucketOwnerEnforced turns access control lists on, which are not served.
func (s *Service) PutOwnership(name, ownership string) error {
	if ownership != "" {
		if err := CheckOwnership(ownership); err != nil {
			return err
		}
	}
	return s.change(name, func(b *Bucket) error { b.Ownership = ownership; return nil })
}

// PutPublicAccessBlock sets Block Public Access; nil removes it.
func (s *Service) PutPublicAccessBlock(name string, block *PublicAccessBlock) error {
	return s.change(name, func(b *Bucket) error { b.PublicAccessBlock = block; return nil })
}

// PutEncryption sets the default encryption. Without one S3 encrypts with AES256, so
// nil sets that.
func (s *Service) PutEncryption(name string, e *Encryption) error {
	if e == nil {
		e = &Encryption{Algorithm: "AES256"}
	}
	if err := e.Check(); err != nil {
		return err
	}
	return s.change(name, func(b *Bucket) error { b.Encryption = e; return nil })
}

// PutVersioning sets versioning. Versions of objects are not kept, so that it can be
// suspended or, for a bucket that never had it, Disabled.
func (s *Service) PutVersioning(name, status string) error {
	if err := CheckVersioning(status); err != nil {
		return err
	}
	return s.change(name, func(b *Bucket) error {
		if status == "Suspended" {
			b.Versioning = status
		}
		return nil
	})
}

// PutPolicy sets the bucket policy; empty removes it. The errors are MalformedPolicy
// and, for a public policy of a bucket that blocks those, AccessDenied.
func (s *Service) PutPolicy(name, document string) error {
	return s.change(name, func(b *Bucket) error {
		b.Policy = document
		if document == "" {
			return nil
		}
		p, err := s.parsePolicy(name, document)
		if err != nil {
			return err
		}
		for _, arn := range p.Principals() {
			if !s.authority.Exists(arn) {
				return errorf("MalformedPolicy", "Invalid principal in policy")
			}
		}
		if p.Public() && b.PublicAccessBlock != nil && b.PublicAccessBlock.BlockPublicPolicy {
			return errorf("AccessDenied", "User: arn:%s:iam::%s:root is not authorized to perform: s3:PutBucketPolicy on resource: %q "+
				"because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.", iam.Partition(s.region), s.account, s.ARN(name))
		}
		return nil
	})
}

func (s *Service) parsePolicy(name, document string) (*policy.Document, error) {
	p, err := parsePolicy(document)
	if err != nil {
		return nil, err
	}
	for _, resource := range p.Resources() {
		if resource != s.ARN(name) && !strings.HasPrefix(resource, s.ARN(name)+"/") {
			return nil, errorf("MalformedPolicy", "Policy has invalid resource")
		}
	}
	return p, nil
}

// change edits a copy of a bucket's configuration and keeps it.
func (s *Service) change(name string, edit func(*Bucket) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.buckets[name]
	if old == nil {
		return noSuchBucket()
	}
	b := old.Bucket
	if err := edit(&b); err != nil {
		return err
	}
	return s.keep(s.kept, b)
}

// keep needs s.mu.
func (s *Service) keep(kept store.Collection[Bucket], b Bucket) error {
	compiled, err := s.compile(b)
	if err != nil {
		return err
	}
	if err := kept.Put(b.Name, b); err != nil {
		return err
	}
	s.buckets[b.Name] = compiled
	return nil
}

func (s *Service) compile(b Bucket) (*bucket, error) {
	if b.Policy == "" {
		return &bucket{Bucket: b}, nil
	}
	p, err := s.parsePolicy(b.Name, b.Policy)
	return &bucket{Bucket: b, policy: p}, err
}
