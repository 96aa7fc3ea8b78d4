package firehose

import (
	"regexp"
	"strconv"
)

// jdbcPattern is AWS's pattern of a ClusterJDBCURL, written without the lookarounds that
// Go's expressions lack (botocore service model firehose). It has no query string.
var jdbcPattern = regexp.MustCompile(`^jdbc:(?:redshift|postgresql)://((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+redshift(?:-serverless)?\.[a-zA-Z0-9.]+):(\d{1,5})/([a-zA-Z0-9_$-]+)$`)

const awsJDBCPattern = `jdbc:(redshift|postgresql)://((?!-)[A-Za-z0-9-]{1,63}(?<!-)\.)+(redshift(-serverless)?)\.([a-zA-Z0-9\.]+):\d{1,5}/[a-zA-Z0-9_$-]+`

// jdbc is where a JDBC URL leads.
type jdbc struct {
	host     string
	port     int
	database string
}

func parseJDBC(url string) (jdbc, bool) {
	m := jdbcPattern.FindStringSubmatch(url)
	if m == nil {
		return jdbc{}, false
	}
	port, err := strconv.Atoi(m[2])
	return jdbc{m[1], port, m[3]}, err == nil
}

func checkJDBC(url, at string) error {
	if _, ok := parseJDBC(url); !ok || len(url) > 512 {
		return errConstraint(url, member(at, "ClusterJDBCURL"), "Member must satisfy regular expression pattern: "+awsJDBCPattern)
	}
	return nil
}
