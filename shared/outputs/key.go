package outputs

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// Key is the key that a field of a layer's outputs is exported under, for programs that
// read a stack's outputs from outside of Pulumi:
//
//	var auth outputs.Auth
//	key := outputs.Key(&auth, &auth.UserPoolID)
//
// It panics when the field is not one of o's, which is a mistake in the caller.
func Key(o interface{ fields() fields }, field *pulumi.StringOutput) string {
	for key, f := range o.fields() {
		if f == field {
			return key
		}
	}
	panic("outputs: the field is not one of these outputs")
}
