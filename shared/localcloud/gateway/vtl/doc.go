// Package vtl runs templates in the Velocity Template Language as Apache Velocity 1.7 does,
// which is the language of API Gateway's mapping templates.
//
// It is an engine of its own because no Go library speaks the language: the one that is
// kept up (viant/velty) compiles a subset against variables whose Go types are known
// beforehand, without Velocity's rules for white space, escapes and unresolved references,
// and those rules decide what bytes a mapping template sends.
//
// Velocity has no specification but its own grammar, and much of its behaviour follows from
// how its tokenizer moves between states: which newlines a directive swallows, where a
// reference ends, when a backslash escapes. So this package has the same two layers, a
// tokenizer with Velocity's states (lexer.go) and a parser with its lookaheads (parser.go);
// a test runs the corpus of testdata through the real Apache Velocity 1.7 and compares.
//
// Values are Java's: see Value for how Go values become them, and List, Map and Object for
// what a template can hold. They have the methods of Java 8 that templates use. One that
// Java has and this package has not is an error, not an unresolved reference; so are lists
// and maps as the keys of a map, and the forms of regular expressions that need
// backtracking. #include, #parse and #evaluate are refused when a template is parsed: a
// mapping template has nothing to include.
//
// A run is bounded by Limits and by its context, so that a template can neither run for
// ever nor take the memory of the process.
package vtl
