package main

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/redshiftdata"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// schema/ has one statement a file, run in the order of their names. A statement may
// run again: AWS forgets it after a day, and a refresh then replaces it (schema_test.go
// refuses what that could harm). The words below stand for values of this stack.
//
//go:embed schema/*.sql
var schemaFiles embed.FS

// What the events table is for other layers.
const (
	eventsTable = "public.events"
	// loadedColumns leaves out ingested_at: COPY gives a column that it is not told of its
	// default.
	loadedColumns = "event_id,game_name,event_name,event_data,subject,received_at"
)

const (
	loaderWord   = "${loader}"
	passwordWord = "${loaderPassword}"
)

type migration struct{ name, sql string }

// migrations reads schema/ in order.
func migrations() ([]migration, error) {
	files, err := fs.Glob(schemaFiles, "schema/*.sql") // sorted by name
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, file := range files {
		sql, err := schemaFiles.ReadFile(file)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(file, "schema/"), ".sql")
		all = append(all, migration{name, string(sql)})
	}
	return all, nil
}

// migrate runs the schema through the Data API, which needs no way to the cluster. It
// returns the last statement, behind which the table and its loader are there.
func migrate(ctx *pulumi.Context, cfg config, w warehouse, user loader) (pulumi.Resource, error) {
	all, err := migrations()
	if err != nil {
		return nil, fmt.Errorf("read schema/: %w", err)
	}
	last := w.made
	for _, m := range all {
		last, err = redshiftdata.NewStatement(ctx, m.name, &redshiftdata.StatementArgs{
			ClusterIdentifier: w.ClusterIdentifier,
			WorkgroupName:     w.WorkgroupName,
			Database:          w.Database,
			SecretArn:         w.AdminSecretARN,
			StatementName:     pulumi.String(m.name),
			Sql:               m.text(cfg, user),
		}, pulumi.DependsOn([]pulumi.Resource{last}))
		if err != nil {
			return nil, err
		}
	}
	return last, nil
}

func (m migration) text(cfg config, user loader) pulumi.StringInput {
	sql := strings.ReplaceAll(strings.TrimSpace(m.sql), loaderWord, cfg.LoaderUser)
	if !strings.Contains(sql, passwordWord) {
		return pulumi.String(sql)
	}
	return user.PasswordHash.ApplyT(func(hash string) string {
		return strings.ReplaceAll(sql, passwordWord, hash)
	}).(pulumi.StringOutput)
}
