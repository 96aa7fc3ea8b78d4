package engine

import (
	"cmp"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// CopyCommand is a COPY as it was written (Redshift, "COPY").
type CopyCommand struct {
	Schema, Table string
	Columns       []string // nil means every column
	From          string   // s3://bucket/prefix
	Credentials   CopyCredentials
	Manifest      bool
	JSON          string // auto, auto ignorecase, noshred or s3://jsonpaths
	Gzip          bool
	Time          string   // TIMEFORMAT; empty means YYYY-MM-DD HH24:MI:SS
	Date          string   // DATEFORMAT; empty means YYYY-MM-DD
	times, dates  []string // Go's layouts of Time and Date
	Truncate      bool     // TRUNCATECOLUMNS
	Replacement   byte     // of ACCEPTINVCHARS; 0 means that invalid characters are errors
	MaxError      int
	Region        string
	EmptyAsNull   bool
	BlanksAsNull  bool
	AnyDate       bool // ACCEPTANYDATE
	NoLoad        bool
	given         map[string]bool // options that were read
}

// CopyCredentials say on whose behalf COPY reads S3: temporary keys or a role of the
// cluster. Role "default" is the cluster's default.
type CopyCredentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string
	Role            string
}

// maxErrors is the most that MAXERROR takes.
const maxErrors = 100000

// ParseCopy reads a COPY statement.
func ParseCopy(text string) (CopyCommand, error) {
	statements, err := sqltext.Split(text, false)
	if err != nil {
		return CopyCommand{}, translate(err)
	}
	if len(statements) != 1 {
		return CopyCommand{}, errorf(codeSyntax, "syntax error at end of input")
	}
	c := sqltext.NewCursor(statements[0])
	c.Expect("copy")
	cmd, err := parseCopy(c)
	return cmd, translate(err)
}

func parseCopy(c *sqltext.Cursor) (CopyCommand, error) {
	cmd := CopyCommand{given: map[string]bool{}}
	cmd.Schema, cmd.Table = c.QualifiedName()
	if c.Peek().Is("(") {
		cmd.Columns = c.Names()
	}
	c.Expect("from")
	cmd.From = c.Literal()
	for c.Err() == nil && !c.Done() {
		if err := cmd.option(c); err != nil {
			return cmd, err
		}
	}
	if err := c.Err(); err != nil {
		return cmd, err
	}
	return cmd, cmd.check()
}

// copyOption reads what follows the word that chose it.
type copyOption func(cmd *CopyCommand, c *sqltext.Cursor) error

var copyOptions map[string]copyOption

func init() {
	flag := func(set func(*CopyCommand)) copyOption {
		return func(cmd *CopyCommand, _ *sqltext.Cursor) error { set(cmd); return nil }
	}
	literal := func(set func(*CopyCommand, string)) copyOption {
		return func(cmd *CopyCommand, c *sqltext.Cursor) error {
			c.Accept("as")
			set(cmd, c.Literal())
			return c.Err()
		}
	}
	copyOptions = map[string]copyOption{
		"manifest":          flag(func(cmd *CopyCommand) { cmd.Manifest = true }),
		"gzip":              flag(func(cmd *CopyCommand) { cmd.Gzip = true }),
		"truncatecolumns":   flag(func(cmd *CopyCommand) { cmd.Truncate = true }),
		"emptyasnull":       flag(func(cmd *CopyCommand) { cmd.EmptyAsNull = true }),
		"blanksasnull":      flag(func(cmd *CopyCommand) { cmd.BlanksAsNull = true }),
		"acceptanydate":     flag(func(cmd *CopyCommand) { cmd.AnyDate = true }),
		"noload":            flag(func(cmd *CopyCommand) { cmd.NoLoad = true }),
		"region":            literal(func(cmd *CopyCommand, s string) { cmd.Region = s }),
		"timeformat":        literal(func(cmd *CopyCommand, s string) { cmd.Time = s }),
		"dateformat":        literal(func(cmd *CopyCommand, s string) { cmd.Date = s }),
		"access_key_id":     literal(func(cmd *CopyCommand, s string) { cmd.Credentials.AccessKeyID = s }),
		"secret_access_key": literal(func(cmd *CopyCommand, s string) { cmd.Credentials.SecretAccessKey = s }),
		"session_token":     literal(func(cmd *CopyCommand, s string) { cmd.Credentials.SessionToken = s }),
		"token":             literal(func(cmd *CopyCommand, s string) { cmd.Credentials.SessionToken = s }),
		"iam_role":          roleOption,
		"credentials":       credentialsOption,
		"format":            formatOption,
		"json":              jsonOption,
		"acceptinvchars":    invalidOption,
		"maxerror":          maxErrorOption,
		"compupdate":        tuningOption,
		"statupdate":        tuningOption,
		"comprows":          func(_ *CopyCommand, c *sqltext.Cursor) error { c.Int(); return c.Err() },
		"encoding":          encodingOption,
	}
}

// withoutJSON are options that Redshift has, and refuses with JSON.
var withoutJSON = wordSet("csv delimiter escape fillrecord fixedwidth ignoreblanklines null readratio removequotes ignoreheader quote")

// authorization are the ways to say on whose behalf COPY reads, of which it takes one
// ("Authorization parameters").
const authorization = "authorization"

// copyNames are what options are known by that say the same as another.
var copyNames = map[string]string{"json": "format", "token": "session_token", "iam_role": authorization, "credentials": authorization}

// accept notes an option, of which each may be given once.
func (cmd *CopyCommand) accept(word string) error {
	word = cmp.Or(copyNames[word], word)
	again := cmd.given[word]
	cmd.given[word] = true
	keys := cmd.given["access_key_id"] || cmd.given["secret_access_key"] || cmd.given["session_token"]
	if again || keys && cmd.given[authorization] {
		return errorf(codeSyntax, "conflicting or redundant options")
	}
	return nil
}

// unserved are options that Redshift has and this warehouse refuses.
var unserved = wordSet(`avro parquet orc shapefile bzip2 lzop zstd encrypted master_symmetric_key kms_key_id ssh explicit_ids roundec trimblanks`)

func (cmd *CopyCommand) option(c *sqltext.Cursor) error {
	word := c.Name()
	if c.Err() != nil {
		return c.Err()
	}
	if word == "with" && isWord(c, "credentials") {
		return nil
	}
	if word == "as" && isWord(c, "json", "avro", "parquet", "orc", "csv") {
		return nil
	}
	read, known := copyOptions[word]
	switch {
	case known:
		if err := cmd.accept(word); err != nil {
			return err
		}
		return read(cmd, c)
	case withoutJSON[word] && cmd.JSON != "":
		return errorf(codeSyntax, "%s argument is not supported for JSON based COPY", strings.ToUpper(word))
	case withoutJSON[word], unserved[word]:
		return refuse("COPY ... " + strings.ToUpper(word))
	}
	return errorf(codeSyntax, "syntax error at or near %q", word)
}

func roleOption(cmd *CopyCommand, c *sqltext.Cursor) error {
	if c.Accept("default") {
		cmd.Credentials.Role = "default"
		return nil
	}
	cmd.Credentials.Role = c.Literal()
	return c.Err()
}

// credentialsOption reads 'aws_access_key_id=..;aws_secret_access_key=..[;token=..]' or
// 'aws_iam_role=..'.
func credentialsOption(cmd *CopyCommand, c *sqltext.Cursor) error {
	c.Accept("as")
	for pair := range strings.SplitSeq(c.Literal(), ";") {
		key, value, _ := strings.Cut(pair, "=")
		switch strings.TrimSpace(key) {
		case "aws_access_key_id":
			cmd.Credentials.AccessKeyID = value
		case "aws_secret_access_key":
			cmd.Credentials.SecretAccessKey = value
		case "token":
			cmd.Credentials.SessionToken = value
		case "aws_iam_role":
			cmd.Credentials.Role = value
		case "":
		default:
			return errorf(codeInternal, "Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or 'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'")
		}
	}
	return c.Err()
}

func formatOption(cmd *CopyCommand, c *sqltext.Cursor) error {
	c.Accept("as")
	if !c.Accept("json") {
		if c.Peek().Name() {
			return refuse("COPY ... FORMAT " + strings.ToUpper(c.Peek().Text))
		}
		c.Fail()
		return c.Err()
	}
	return jsonOption(cmd, c)
}

func jsonOption(cmd *CopyCommand, c *sqltext.Cursor) error {
	c.Accept("as")
	cmd.JSON = "auto"
	if c.Peek().Kind == sqltext.String {
		cmd.JSON = c.Literal()
	}
	switch lower := strings.ToLower(cmd.JSON); {
	case lower == "auto", lower == "auto ignorecase", lower == "noshred":
		cmd.JSON = lower
	case !strings.HasPrefix(cmd.JSON, "s3://"):
		return errorf(codeInternal, "Invalid JSONPath format: %q must be 'auto', 'auto ignorecase', 'noshred' or the S3 path of a JSONPaths file", cmd.JSON)
	}
	return c.Err()
}

func invalidOption(cmd *CopyCommand, c *sqltext.Cursor) error {
	cmd.Replacement = '?'
	c.Accept("as")
	if c.Peek().Kind != sqltext.String || c.Done() {
		return nil
	}
	with := c.Literal()
	if len(with) != 1 || with[0] == 0 || with[0] > 127 {
		return errorf(codeInvalidParameter, "ACCEPTINVCHARS must be a single ASCII character except NULL")
	}
	cmd.Replacement = with[0]
	return nil
}

func maxErrorOption(cmd *CopyCommand, c *sqltext.Cursor) error {
	c.Accept("as")
	cmd.MaxError = c.Int()
	if c.Err() == nil && (cmd.MaxError < 0 || cmd.MaxError > maxErrors) {
		return errorf(codeInvalidParameter, "MAXERROR must be between 0 and %d", maxErrors)
	}
	return c.Err()
}

// tuningOption reads options that change how a cluster stores what is loaded, and
// nothing that a query sees.
func tuningOption(_ *CopyCommand, c *sqltext.Cursor) error {
	c.AcceptOne("preset", "on", "off", "true", "false")
	return c.Err()
}

func encodingOption(_ *CopyCommand, c *sqltext.Cursor) error {
	c.Accept("as")
	if !c.Accept("utf8") && !c.Accept("auto") {
		return refuse("COPY ... ENCODING other than UTF8")
	}
	return nil
}

func (cmd *CopyCommand) check() error {
	role, keys := cmd.Credentials.Role != "", cmd.Credentials.AccessKeyID != ""
	switch {
	case !strings.HasPrefix(cmd.From, "s3://"):
		return refuse("COPY from other than s3://")
	case cmd.JSON == "":
		return refuse("COPY without FORMAT JSON")
	case role && keys:
		return errorf(codeInternal, "conflicting authorization: give IAM_ROLE or access keys")
	case !role && !keys:
		return errorf(codeInternal, "No credentials specified: give IAM_ROLE, CREDENTIALS or ACCESS_KEY_ID and SECRET_ACCESS_KEY")
	case keys && cmd.Credentials.SecretAccessKey == "":
		return errorf(codeInternal, "SECRET_ACCESS_KEY is missing")
	}
	for _, format := range []string{cmd.Time, cmd.Date} {
		if strings.Contains(format, "OF") || strings.Contains(format, "TZ") {
			return errorf(codeInvalidParameter, "a time zone specifier (OF or TZ) is not supported in TIMEFORMAT and DATEFORMAT: %q", format)
		}
	}
	cmd.times, cmd.dates = layouts(cmd.Time, plainTimes), layouts(cmd.Date, plainDates)
	return nil
}
