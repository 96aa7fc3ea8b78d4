package cognito_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"pipeline/shared/localcloud/cognito"
)

// The client's side of Cognito's SRP, written in hexadecimal text as the JavaScript
// client is, so that a mistake in the server's arithmetic on bytes does not hide here.

const srpPrime = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
	"EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
	"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
	"83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
	"E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
	"15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
	"ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
	"BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF"

type srpClient struct {
	n, g, k, secret, public *big.Int
}

func fromHex(text string) *big.Int {
	n, _ := new(big.Int).SetString(text, 16)
	return n
}

func hashHex(text string) string {
	raw, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(raw))
}

func padHex(n *big.Int) string {
	text := n.Text(16)
	if len(text)%2 == 1 {
		return "0" + text
	}
	if strings.ContainsRune("89abcdef", rune(text[0])) {
		return "00" + text
	}
	return text
}

func newSRPClient(secret int64) srpClient {
	c := srpClient{n: fromHex(srpPrime), g: big.NewInt(2)}
	c.k = fromHex(hashHex("00" + srpPrime + "02"))
	c.secret = new(big.Int).Exp(big.NewInt(secret), big.NewInt(31), nil)
	c.public = new(big.Int).Exp(c.g, c.secret, c.n)
	return c
}

// answer responds to PASSWORD_VERIFIER.
func (c srpClient) answer(pool, password string, challenge map[string]string, at time.Time) map[string]string {
	user := challenge["USER_ID_FOR_SRP"]
	_, pool, _ = strings.Cut(pool, "_")
	b := fromHex(challenge["SRP_B"])
	u := fromHex(hashHex(padHex(c.public) + padHex(b)))
	identity := fmt.Sprintf("%x", sha256.Sum256([]byte(pool+user+":"+password)))
	x := fromHex(hashHex(padHex(fromHex(challenge["SALT"])) + identity))
	base := new(big.Int).Sub(b, new(big.Int).Mul(c.k, new(big.Int).Exp(c.g, x, c.n)))
	s := new(big.Int).Exp(base.Mod(base, c.n), new(big.Int).Add(c.secret, new(big.Int).Mul(u, x)), c.n)
	key := hkdf(padHex(s), padHex(u))

	block, _ := base64.StdEncoding.DecodeString(challenge["SECRET_BLOCK"])
	stamp := at.UTC().Format("Mon Jan 2 15:04:05 MST 2006")
	signature := sign(key, []byte(pool+user), block, []byte(stamp))
	return map[string]string{"USERNAME": user, "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"], "TIMESTAMP": stamp,
		"PASSWORD_CLAIM_SIGNATURE": base64.StdEncoding.EncodeToString(signature)}
}

func hkdf(ikm, salt string) []byte {
	i, _ := hex.DecodeString(ikm)
	s, _ := hex.DecodeString(salt)
	return sign(sign(s, i), []byte("Caldera Derived Key\x01"))[:16]
}

func sign(key []byte, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// srp signs in without showing the password.
func (w *world) srp(t *testing.T, client srpClient, user, password string) (*idp.RespondToAuthChallengeOutput, error) {
	t.Helper()
	out, err := w.aws.InitiateAuth(t.Context(), &idp.InitiateAuthInput{AuthFlow: types.AuthFlowTypeUserSrpAuth, ClientId: &w.client.ID,
		AuthParameters: map[string]string{"USERNAME": user, "SRP_A": client.public.Text(16)}})
	must(t, err)
	if out.ChallengeName != types.ChallengeNameTypePasswordVerifier {
		t.Fatalf("challenge %s, want PASSWORD_VERIFIER", out.ChallengeName)
	}
	return w.aws.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{ChallengeName: types.ChallengeNameTypePasswordVerifier,
		ClientId: &w.client.ID, ChallengeResponses: client.answer(w.pool.ID, password, out.ChallengeParameters, w.now)})
}

func TestAPasswordIsProvenWithoutBeingSent(t *testing.T) {
	w := newWorld(t)
	for secret := range int64(20) { // numbers with and without a leading zero, set and unset top bits
		answer, err := w.srp(t, newSRPClient(secret+3), "ADA", testPassword)
		if err != nil {
			t.Fatalf("secret %d: %v", secret, err)
		}
		if got := w.claims(t, *answer.AuthenticationResult.IdToken)["cognito:username"]; got != testUser {
			t.Fatalf("signed %v in, want %s", got, testUser)
		}
	}
}

func TestAWrongProofLooksTheSameForEveryUser(t *testing.T) {
	w := newWorld(t)
	for _, user := range []string{testUser, "Nobody"} {
		_, err := w.srp(t, newSRPClient(5), user, "wrong")
		wantCode(t, err, "NotAuthorizedException", "Incorrect username or password.")
	}
	salt := func() string {
		out, err := w.svc.InitiateAuth(t.Context(), cognito.FlowSRP, w.client.ID,
			map[string]string{"USERNAME": "Nobody", "SRP_A": newSRPClient(5).public.Text(16)})
		must(t, err)
		return out.Parameters["SALT"]
	}
	if salt() != salt() {
		t.Error("a user who is not there has another salt each time, which gives him away")
	}
}

func TestAProofIsForOneServerSession(t *testing.T) {
	w := newWorld(t)
	client := newSRPClient(7)
	start := func() map[string]string {
		out, err := w.svc.InitiateAuth(t.Context(), cognito.FlowSRP, w.client.ID,
			map[string]string{"USERNAME": testUser, "SRP_A": client.public.Text(16)})
		must(t, err)
		return out.Parameters
	}
	first, second := start(), start()
	answer := client.answer(w.pool.ID, testPassword, first, w.now)
	answer["PASSWORD_CLAIM_SECRET_BLOCK"] = second["SECRET_BLOCK"]
	_, err := w.svc.RespondToAuthChallenge(t.Context(), w.client.ID, cognito.ChallengeSRP, "", answer)
	wantCode(t, err, "NotAuthorizedException", "Incorrect username or password.")
	w.now = w.now.Add(3 * time.Minute)
	_, err = w.svc.RespondToAuthChallenge(t.Context(), w.client.ID, cognito.ChallengeSRP, "", client.answer(w.pool.ID, testPassword, first, w.now))
	wantCode(t, err, "NotAuthorizedException", "session is expired")
}

// A public number that is a multiple of N makes the shared secret 0, whatever the password.
func TestAPublicNumberThatNeedsNoPasswordIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, a := range []string{"0", srpPrime, new(big.Int).Mul(fromHex(srpPrime), big.NewInt(2)).Text(16), "-5", "xyz"} {
		_, err := w.svc.InitiateAuth(t.Context(), cognito.FlowSRP, w.client.ID, map[string]string{"USERNAME": testUser, "SRP_A": a})
		wantCode(t, err, "InvalidParameterException", "SRP_A")
	}
}
