package redshift

import (
	"cmp"
	"slices"
)

// earlier returns the statement that a request with the same ClientToken started: a
// client that sends its request again, because the answer got lost, must not run it
// twice (botocore service model redshift-data, "idempotency of the request"). Without one
// the token is st's.
func (s *Service) earlier(st statement) (statement, bool, error) {
	if st.Token == "" {
		return st, false, nil
	}
	id, taken := s.tokens.LoadOrStore(st.Token, st.ID)
	if !taken {
		return st, false, nil
	}
	first, found, err := s.statements.Get(id.(string))
	if found && s.expired(first) {
		if err := s.forget(first); err != nil {
			return st, false, err
		}
		return s.earlier(st)
	}
	if err != nil || found && !first.asks(st) {
		return st, false, cmp.Or(err, validationError("ClientToken %s was used for another request", st.Token))
	}
	if !found { // it is being started
		first = st
		first.ID = id.(string)
	}
	return first, true, nil
}

// asks says that two requests are for the same statements in the same place.
func (st *statement) asks(other statement) bool {
	sameSQL := slices.EqualFunc(st.Parts, other.Parts, func(a, b part) bool { return a.SQL == b.SQL })
	return sameSQL && slices.Equal(st.Parameters, other.Parameters) && st.Batch == other.Batch && st.Cluster == other.Cluster &&
		st.Database == other.Database && st.DBUser == other.DBUser && st.SecretARN == other.SecretARN
}
