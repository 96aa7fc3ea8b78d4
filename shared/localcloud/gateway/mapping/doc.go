// Package mapping runs API Gateway's mapping templates: Velocity templates (package vtl)
// with $input, $util, $context and $stageVariables.
//
// Where AWS documents no more than examples, the behaviour is that of the libraries whose
// traces its answers show: Apache Velocity 1.7 with a handler that gives unresolved
// references the empty string, and Jayway JsonPath on json-smart. Their traces are that an
// array in the payload prints as JSON while an object prints as {k=v}, that a body which is
// no JSON is a string, and that a reference without a value equals both "" and $null. A
// test compares with these libraries where Debian's packages of them are installed.
//
// What follows from these libraries and was not seen on AWS: #if($missing) holds, because
// an empty string does (write #if($missing != "")); $input.json of null or of nothing is "";
// $input.json writes U+2000 to U+20FF as \uXXXX, and a printed array writes "/" as "\/"; a
// number beyond seven digits with a point prints as 1.0E7; $input.params finds a header in
// any case.
//
// Refused, because AWS refuses them too or nobody knows what it does: setting the same
// override twice in a template, setting anything else of $context, JSONPath filters,
// scripts, functions, negative indexes and double quotes, and a payload that begins like
// JSON and is none. A JSONPath with a filter, a script, a function or a negative index is
// refused when the template is put, where it stands there as a text of its own.
//
// The JSONPath here is an evaluator of its own: the Go libraries follow RFC 9535, which
// differs from Jayway in what a missing member gives (null), what a path with one answer
// gives (the value, not a list), the names it takes after a dot, and the order of objects.
package mapping
