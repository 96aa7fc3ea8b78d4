package redshift

import (
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"pipeline/shared/localcloud/redshift/engine"
)

// registerTypes adds what pgtype does not have or writes otherwise than PostgreSQL.
func registerTypes(m *pgtype.Map) {
	m.RegisterType(&pgtype.Type{Name: "super", OID: engine.SuperOID, Codec: pgtype.TextCodec{}})
	m.RegisterType(&pgtype.Type{Name: "varbyte", OID: 6551, Codec: pgtype.TextCodec{}})
	m.RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &zoned{}})
}

// zoned writes the text of a timestamptz with the offset +00, as PostgreSQL does; pgtype
// writes Z, which the JDBC drivers do not read.
type zoned struct{ pgtype.TimestamptzCodec }

func (c *zoned) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, isTime := value.(time.Time); isTime && format == pgtype.TextFormatCode {
		return zonedText{}
	}
	return c.TimestamptzCodec.PlanEncode(m, oid, format, value)
}

type zonedText struct{}

func (zonedText) Encode(value any, buf []byte) ([]byte, error) {
	return engine.AppendZoned(buf, value.(time.Time)), nil
}
