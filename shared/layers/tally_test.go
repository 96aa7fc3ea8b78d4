package layers

import "testing"

func TestAnErrorOfAProgramIsWhatTheProgramSaid(t *testing.T) {
	for said, want := range map[string]string{
		"an unhandled error occurred: program failed: \n1 error occurred:\n\t* forceDestroy would delete events": "forceDestroy would delete events",
		"an unhandled error occurred: program failed: \n2 errors occurred:\n\t* no role\n\t* no bucket\n":        "no role; no bucket",
		"an unhandled error occurred: no such program":                                                           "no such program",
		"BucketAlreadyExists: 1 error occurred":                                                                  "BucketAlreadyExists: 1 error occurred",
		"sdk: two\nlines":                                                                                        "sdk: two\nlines",
	} {
		if got := cause(said); got != want {
			t.Errorf("the cause of %q is %q, want %q", said, got, want)
		}
	}
}
