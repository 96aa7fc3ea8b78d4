package engine

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// zoneOffsets are the abbreviations of time zones (pg_timezone_abbrevs()), in hours east of
// Greenwich. DuckDB takes some of them for places with summer time, or for other places.
var zoneOffsets = offsets(map[int]string{
	0: "azost egst gmt uct ut utc wet z zulu", 1: "bst cet met mez wat wetdst", 2: "bdst cest cetdst eet ist mest metdst",
	3: "eat eest eetdst fet idt msk", 4: "amt azt get msd mut ret sct", 5: "amst azst mawt must mvt pkt tft tjt tmt uzt",
	6: "almt bdt btt iot lkt pkst uzst", 7: "almst cxt davt ict wast", 8: "awst bnt bort cct hkt myt pht sgt ulat wadt",
	9: "awsst jayt jst kst pwt ulast wdt", 10: "aest chut ddut kdt ligt mpt pgt trut yapt", 11: "aesst kost lhdt pont vut",
	12: "anat ckt gilt mht nzst nzt pett tvt wakt wft", 13: "anast nzdt petst phot tot", 14: "lint",
	-1: "azot egt fnst", -2: "arst brst fnt pmdt uyst wgst", -3: "adt art bra brt clst fkst gft pmst pyst uyt wgt",
	-4: "acst ast bot clt edt fkt gyt pyt", -5: "act cdt cot easst est pet", -6: "cst east galt mdt", -7: "mst pdt",
	-8: "akdt pst", -9: "akst gamt", -10: "hst taht", -11: "nut",
})

func offsets(byHour map[int]string) map[string]int {
	all := map[string]int{}
	for hour, names := range byHour {
		for name := range wordSet(names) {
			all[name] = hour
		}
	}
	return all
}

// unservedZones are abbreviations of no whole hour, of which DuckDB has no zone, and those
// that have changed with the version.
var unservedZones = wordSet(`ndt nst vet aft gest irt kgst kgt mmt npt acsst cadt cast lhst sadt sast volt chadt chast fjst fjt
	mart nft tkt irkst irkt krast krat magst magt novst novt omsst omst vlast vlat yakst yakt yekst yekt`)

// duckZones are abbreviations that DuckDB alone has.
var duckZones = wordSet("aet agt bet cat cnt ctt ect iet mit net plt pnt prt sst vst")

// posixZone is a zone as POSIX writes it, whose offset is to the west.
var posixZone = regexp.MustCompile(`^[A-Za-z]{3,} ?([+-]?[0-9]{1,2})(:[0-9]+)*$`)

// duckZone is DuckDB's zone for one of Redshift's.
func duckZone(name string) (string, error) {
	word := strings.ToLower(name)
	hours, short := zoneOffsets[word]
	posix := posixZone.FindStringSubmatch(name)
	switch {
	case short:
		return fmt.Sprintf("Etc/GMT%+d", -hours), nil
	case unservedZones[word], posix != nil && posix[2] != "":
		return "", refuse("time zone " + name)
	case duckZones[word]:
		return "", errorf(codeInvalidParameter, "time zone %q not recognized", name)
	case posix != nil:
		hours, err := strconv.Atoi(posix[1])
		return fmt.Sprintf("Etc/GMT%+d", hours), err
	}
	return name, nil
}

// zoneTemplate is duckZone for a zone that is not a constant.
var zoneTemplate = func() string {
	var served, others []string
	for name := range zoneOffsets {
		zone, _ := duckZone(name)
		served = append(served, fmt.Sprintf("'%s': '%s'", name, zone))
	}
	for _, set := range []map[string]bool{unservedZones, duckZones} {
		for name := range set {
			others = append(others, "'"+name+"'")
		}
	}
	return `CASE WHEN lower($1) IN (` + strings.Join(others, ", ") + `) THEN error('time zone "' || $1 || '" is not served by the local warehouse')
		ELSE coalesce(MAP {` + strings.Join(served, ", ") + `}[lower($1)], $1) END`
}()

func (r *rewriter) zone(n node) node {
	name, ok := constantText(n)
	if !ok {
		return r.expand(zoneTemplate, n)
	}
	zone, err := duckZone(name)
	r.fail(err)
	return text(zone)
}

// convertTimezone is CONVERT_TIMEZONE([from,] to, timestamp).
func (r *rewriter) convertTimezone(n node, _ []kind) (node, kind) {
	args := nodes(n.list("children"))
	if len(args) == 2 {
		args = []node{text("UTC"), args[0], args[1]}
	}
	if len(args) != 3 {
		r.fail(errorf(codeUndefinedFunc, "function convert_timezone with %d arguments does not exist", len(args)))
		return n, kindTime
	}
	return r.expand(`timezone($2, timezone($1, CAST($3 AS TIMESTAMP)))`, r.zone(args[0]), r.zone(args[1]), args[2]), kindTime
}

// timezone is AT TIME ZONE as well.
func (r *rewriter) timezone(n node, _ []kind) (node, kind) {
	if args := n.list("children"); len(args) == 2 {
		args[0] = r.zone(asNode(args[0]))
	}
	return n, kindTime
}

// zonedTime is a time with an abbreviation behind it.
var zonedTime = regexp.MustCompile(`^([^:]*:[0-9]{2})(:[0-9.]+)?\s*([A-Za-z]+)$`)

// zoned writes the offset for the abbreviation in a constant that becomes a TIMESTAMPTZ.
func (r *rewriter) zoned(n node) node {
	constant, _ := constantText(n)
	parts := zonedTime.FindStringSubmatch(constant)
	if parts == nil {
		return n
	}
	hours, ok := zoneOffsets[strings.ToLower(parts[3])]
	if !ok {
		_, err := duckZone(parts[3])
		r.fail(err)
		return n
	}
	return text(fmt.Sprintf("%s%s%+03d", parts[1], cmp.Or(parts[2], ":00"), hours)) // DuckDB wants seconds
}
