// Package layers runs Pulumi over the layers of the manifest.
//
// A run is these steps:
//
//  1. Select: the layers that were asked for; none named means all.
//  2. Look: on AWS, account and region are the manifest's, and the checkout is not one
//     that would take something back.
//  3. Prepare: the Pulumi CLI is found (package toolchain), the layers' programs are
//     built, and for an environment with a local cloud that is started (package local).
//  4. Walk: a layer starts when all its selected upstreams, direct or not, are done;
//     layers that do not depend on each other run at the same time. Destroy walks the
//     same graph with its arrows turned round.
//  5. A layer that fails stops those that depend on it and nothing else.
//  6. Report: a table for people, a JSON report for programs, in one vocabulary
//     (Result).
//
// An interrupt lets Pulumi finish what it has begun, so that no stack stays locked; a
// second one ends it at once. What became of a layer is remembered for the next status.
//
// While it runs, each layer's lines carry its name, and everything that Pulumi says of
// a layer is in one log file a layer. Talk goes to stderr, the table to stdout; with a
// JSON report on stdout the table goes to stderr as well.
package layers
