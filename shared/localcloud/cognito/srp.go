package cognito

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"math/big"
	"strings"
)

// Cognito's form of the Secure Remote Password protocol (RFC 5054, SRP-6a with SHA-256):
// the 3072-bit group of RFC 3526, numbers hashed in two's complement, and a signature by
// a derived key as the proof. No library has the server's side of it; the client's side,
// which this mirrors, is in amazon-cognito-identity-js (AuthenticationHelper).
//
// A password is stored as the protocol's verifier and checked against it in every flow.
// Testing a guess costs an exponentiation in the group.

// primeHex is the group's N; its generator is 2.
const primeHex = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74" +
	"020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437" +
	"4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
	"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05" +
	"98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB" +
	"9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
	"E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718" +
	"3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33" +
	"A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
	"ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864" +
	"D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2" +
	"08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF"

var (
	prime, _   = new(big.Int).SetString(primeHex, 16)
	generator  = big.NewInt(2)
	multiplier = hashed(padded(prime), padded(generator)) // k
)

// verifier is what is kept of a password: v = g^H(salt | H(pool user ":" password)).
type verifier struct {
	Salt  []byte
	Value []byte
}

func newVerifier(poolID, username, password string) verifier {
	salt := random(16)
	return verifier{Salt: salt, Value: exponent(salt, poolID, username, password).Bytes()}
}

// matches says whether this is the verifier of the password.
func (v verifier) matches(poolID, username, password string) bool {
	got := exponent(v.Salt, poolID, username, password)
	return subtle.ConstantTimeCompare(got.Bytes(), v.Value) == 1
}

// exponent computes the verifier's value.
func exponent(salt []byte, poolID, username, password string) *big.Int {
	identity := sha256.Sum256([]byte(shortPool(poolID) + username + ":" + password))
	x := hashed(padded(new(big.Int).SetBytes(salt)), identity[:])
	return new(big.Int).Exp(generator, x, prime)
}

// shortPool is the pool's ID without the region.
func shortPool(poolID string) string {
	_, short, _ := strings.Cut(poolID, "_")
	return short
}

// exchange answers the client's public number A, which must not be a multiple of N: with
// the server's own B and the key that a client who knows the password arrives at.
func (v verifier) exchange(srpA string) (public, key []byte, err error) {
	a, ok := new(big.Int).SetString(srpA, 16)
	if !ok || a.Sign() <= 0 || new(big.Int).Mod(a, prime).Sign() == 0 {
		return nil, nil, errInvalidParameter("Incorrect SRP_A parameter")
	}
	secret := new(big.Int).SetBytes(random(32))
	value := new(big.Int).SetBytes(v.Value)
	b := new(big.Int).Mul(multiplier, value)
	b.Add(b, new(big.Int).Exp(generator, secret, prime)).Mod(b, prime)

	u := hashed(padded(a), padded(b))
	shared := new(big.Int).Exp(value, u, prime) // S = (A * v^u)^b
	shared.Mul(shared, a).Exp(shared, secret, prime)
	key, err = hkdf.Key(sha256.New, padded(shared), padded(u), "Caldera Derived Key", 16)
	return b.Bytes(), key, err
}

// proof is the signature by which a client shows that it has the key.
func proof(key []byte, poolID, username string, secretBlock []byte, timestamp string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(shortPool(poolID) + username))
	mac.Write(secretBlock)
	mac.Write([]byte(timestamp))
	return mac.Sum(nil)
}

// hashed is the SHA-256 of the parts, as a number.
func hashed(parts ...[]byte) *big.Int {
	h := sha256.New()
	for _, part := range parts {
		h.Write(part)
	}
	return new(big.Int).SetBytes(h.Sum(nil))
}

// padded is n as Cognito hashes it: a zero byte in front where the number would
// otherwise be negative in two's complement.
func padded(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) == 0 || b[0] >= 0x80 {
		b = append([]byte{0}, b...)
	}
	return b
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}
