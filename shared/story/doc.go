// Package story holds the end-to-end tests: the README, and the stories in testdata, run
// as a person would, in a clean copy of the repository with the real Pulumi engine.
// There is no code in it but the tests.
//
// A story is a txtar file for testscript (github.com/rogpeppe/go-internal/testscript):
// what is typed, what has to come of it, and the settings that it copies into the layers.
// Beside testscript's own commands there are `edit`, `let` and `eventually`
// (stories_test.go), and programs such as `post`, `objects`, `leaks` and `isolated`
// (programs_test.go). To run one:
//
//	go test -run 'TestStories/redshift' -v ./shared/story
package story
