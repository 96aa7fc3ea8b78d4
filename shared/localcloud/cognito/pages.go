package cognito

import (
	"crypto/hmac"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"pipeline/shared/localcloud/awsjson"
)

//go:embed pages/*.html
var pageFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// Pages serves what browsers and OAuth clients call, below PathPrefix: the key set and
// discovery document of each pool, and the endpoints of each domain.
func (s *Service) Pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+PathPrefix+"{pool}/.well-known/jwks.json", s.jwks)
	mux.HandleFunc("GET "+PathPrefix+"{pool}/.well-known/openid-configuration", s.discovery)
	for pattern, page := range map[string]func(http.ResponseWriter, *http.Request, Domain){
		"GET {domain}/oauth2/authorize": s.authorizePage,
		"GET {domain}/login":            s.loginPage,
		"POST {domain}/login":           s.postLogin,
		"GET {domain}/logout":           s.logout,
		"POST {domain}/oauth2/token":    s.token,
		"POST {domain}/oauth2/revoke":   s.revokeToken,
		"GET {domain}/oauth2/userInfo":  s.userInfo,
		"POST {domain}/oauth2/userInfo": s.userInfo,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+PathPrefix+path, s.onDomain(page))
	}
	for _, endpoint := range []string{"token", "revoke", "userInfo"} {
		mux.HandleFunc("OPTIONS "+PathPrefix+"{domain}/oauth2/"+endpoint, preflight)
	}
	return http.MaxBytesHandler(mux, maxForm)
}

// maxForm bounds a form, in bytes.
const maxForm = 64 << 10

// onDomain finds the domain of a request.
func (s *Service) onDomain(page func(http.ResponseWriter, *http.Request, Domain)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d, err := s.domain(r.PathValue("domain"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		page(w, r, d)
	}
}

// authorizePage sends a browser with a session back to the client, and any other to the
// sign-in page.
func (s *Service) authorizePage(w http.ResponseWriter, r *http.Request, d Domain) {
	req, c, err := s.parseAuthorize(d.PoolID, r.URL.Query())
	if err != nil {
		s.refuse(w, r, req, err)
		return
	}
	if u, key, ok := s.signedIn(r, d.PoolID); ok {
		if err := s.finish(w, r, req, c, u, key); err != nil {
			writeErrorPage(w, err)
		}
		return
	}
	http.Redirect(w, r, PathPrefix+d.Name+"/login?"+r.URL.RawQuery, http.StatusFound)
}

// form is what the sign-in page shows. With a Session it asks for a new password.
type form struct {
	Action, CSRF, Username, Session, Error string
}

func (s *Service) loginPage(w http.ResponseWriter, r *http.Request, d Domain) {
	if req, _, err := s.parseAuthorize(d.PoolID, r.URL.Query()); err != nil {
		s.refuse(w, r, req, err)
		return
	}
	s.showForm(w, r, d, http.StatusOK, form{})
}

// csrfCookie holds the value that a form has to bring too: another site can make a
// browser post the form, and cannot read what it must say.
const csrfCookie = "XSRF-TOKEN"

func (s *Service) showForm(w http.ResponseWriter, r *http.Request, d Domain, status int, f form) {
	f.Action, f.CSRF = PathPrefix+d.Name+"/login?"+r.URL.RawQuery, randomID(26)
	http.SetCookie(w, &http.Cookie{Name: csrfCookie, Value: f.CSRF, Path: PathPrefix + d.Name, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	writePage(w, status, "login.html", f)
}

func (s *Service) postLogin(w http.ResponseWriter, r *http.Request, d Domain) {
	req, c, err := s.parseAuthorize(d.PoolID, r.URL.Query())
	if err != nil {
		s.refuse(w, r, req, err)
		return
	}
	cookie, err := r.Cookie(csrfCookie)
	if err != nil || cookie.Value == "" || !hmac.Equal([]byte(cookie.Value), []byte(r.PostFormValue("_csrf"))) {
		s.showForm(w, r, d, http.StatusForbidden, form{Error: "The form is out of date. Sign in again."})
		return
	}
	u, key, err := s.userOfForm(c, r.PostForm)
	switch {
	case err != nil:
		s.formRefused(w, r, d, err)
		return
	case u.Status == StatusForceChangePassword:
		err = s.showNewPassword(w, r, d, c, u, key)
	default:
		err = s.enter(w, r, d, req, c, u, key)
	}
	if err != nil {
		writeErrorPage(w, err)
	}
}

// showNewPassword asks a user with a temporary password for one of his own.
func (s *Service) showNewPassword(w http.ResponseWriter, r *http.Request, d Domain, c Client, u userRecord, key string) error {
	session, err := s.newPasswordSession(c, u, key)
	if err == nil {
		s.showForm(w, r, d, http.StatusOK, form{Username: u.Username, Session: session})
	}
	return err
}

// enter remembers the user and sends him back to the client.
func (s *Service) enter(w http.ResponseWriter, r *http.Request, d Domain, req authorizeRequest, c Client, u userRecord, key string) error {
	if err := s.remember(w, d.Name, d.PoolID, u, key); err != nil {
		return err
	}
	return s.finish(w, r, req, c, u, key)
}

// userOfForm returns who signed in, or who set his first own password.
func (s *Service) userOfForm(c Client, f url.Values) (userRecord, string, error) {
	if session := f.Get("session"); session != "" {
		return s.setOwnPassword(c, session, "", f.Get("password"))
	}
	return s.checkPassword(c, f.Get("username"), f.Get("password"))
}

func (s *Service) formRefused(w http.ResponseWriter, r *http.Request, d Domain, err error) {
	var refused *awsjson.Error
	if !errors.As(err, &refused) {
		writeErrorPage(w, err)
		return
	}
	f := form{Username: r.PostFormValue("username"), Error: refused.Message}
	if refused.Code == "InvalidPasswordException" {
		f.Session = r.PostFormValue("session")
	}
	s.showForm(w, r, d, http.StatusBadRequest, f)
}

// logout ends the browser's session. It goes to a sign-out URL of the client, or with
// redirect_uri to the sign-in page.
func (s *Service) logout(w http.ResponseWriter, r *http.Request, d Domain) {
	q := r.URL.Query()
	c, err := s.pageClient(d.PoolID, q.Get("client_id"))
	if err != nil {
		writeErrorPage(w, err)
		return
	}
	target := q.Get("logout_uri")
	switch {
	case slices.Contains(c.LogoutURLs, target):
	case q.Has("redirect_uri") && !q.Has("logout_uri"):
		target = PathPrefix + d.Name + "/login?" + r.URL.RawQuery
	default:
		writeErrorPage(w, &pageError{"redirect_mismatch: logout_uri is not a sign-out URL of the client"})
		return
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: PathPrefix + d.Name, MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, target, http.StatusFound)
}

func writeErrorPage(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	var expected *pageError
	if !errors.As(err, &expected) {
		status = http.StatusInternalServerError
	}
	writePage(w, status, "error.html", err.Error())
}

// writePage writes a page that runs no script, loads nothing and cannot be framed.
func writePage(w http.ResponseWriter, status int, name string, data any) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	// The status is sent: a browser that went away is the only error left.
	_ = pages.ExecuteTemplate(w, name, data)
}
