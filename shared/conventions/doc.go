// Package conventions holds tests of how this repository is cut: which package may
// import which, and what goes where. Each failure says why the rule is there.
package conventions
