// Package provider is the local cloud's Pulumi provider for package aws. The engine
// attaches to it where it would otherwise start pulumi-resource-aws, so the programs
// under projects/ run unchanged against it.
//
// # A resource
//
// A resource type is a Resource[A] value. A is a struct whose fields are the
// arguments that the local cloud honours, by `pulumi` tag ("name,optional" for one
// that may be absent). What the program sets is checked twice: against the SDK's own
// argument type (package sdk), which tells unknown, missing and mistyped properties, and
// against A, which tells the ones that AWS has and the local cloud does not honour.
// Both are refused, naming property, type and layer; nothing is accepted and ignored.
//
// The life of a resource, as the engine asks for it:
//
//	Check    what a program takes out and AWS keeps (Kept) is put back; the two checks above; then what AWS's own service models say of each value
//	         (package models) and Rules (one property each) as soon as it is known; then
//	         Validate (the whole, as soon as nothing in it is unknown). A deprecated
//	         property is a warning in the engine's log
//	Diff     the checked inputs, old against new, without the order of Sets; a change below a
//	         property in ReplaceOn replaces the resource. The old one goes first where
//	         pulumi-aws has it so, as where the program wrote its name
//	Create   Validate, then Create, which does the thing and returns id and outputs. In a
//	         preview nothing is called: outputs that only AWS knows are unknown
//	Read     Read; found false means that the thing is gone. Inputs are what AWS has: a
//	         refresh shows what somebody changed, and nothing else. What the program did not
//	         write is there only if AWS would not have it anyway (Defaults)
//	Update   Validate, then Update; in a preview nothing is called
//	Delete   Delete; a thing that is gone already is success
//
// The provider remembers what it last did about each URN, in the store of the planes. A
// call and the memory of it are one: what a kill interrupts is undone at the next start,
// whatever several planes have written of it (package store, Begin), so nothing half-made
// is left that nobody knows. What is outside the store is not undone: objects that an
// emptied bucket had, log events, records that a stream delivered as it was deleted, and
// what SQL did, a cluster's own admin password included.
//
// Where a call was done and the engine did not hear of it, the next deployment finishes it:
// a thing that was made is taken over and not made twice, one that was updated or deleted
// differs from what the engine believes.
//
// Outputs are the inputs overlaid with what Create, Read or Update returns. Every output
// that the SDK's resource type (State) declares as always present must be there,
// else the operation fails: a program never misses one, and one is empty only where its
// kind says so. tagsAll is filled from tags.
//
// # A slice
//
// Each folder below this one is the share of one layer (iam, storage, warehouse, stream, auth,
// gateway) or of several (network, secrets): one file per resource type, and a function
//
//	func Kinds(service *plane.Service, ...) []provider.Kind
//
// that lists them. The local cloud's main hands all of them to New. Functions
// (data sources) are Function[A] values and Kinds as well.
package provider
