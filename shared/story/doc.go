// Package story holds the end-to-end tests: the README and the ways to get things
// wrong, run as a person would, in a clean copy of the repository with the real Pulumi
// engine. There is no code in it but the tests.
package story
