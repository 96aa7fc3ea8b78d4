package layers

import (
	"fmt"
	"html"
	"io"
	"strings"

	"pipeline/shared/manifest"
)

// The drawing, in pixels: a wave is a column, and each layer has a row of its own, so
// that a line along its row crosses no other layer.
const (
	boxWidth, boxHeight = 170, 62
	columnWidth         = boxWidth + 46
	rowHeight           = boxHeight + 14
	margin              = 16
	lane                = 8 // between the lines that go down to layers of one wave
)

// box is a layer's place.
type box struct {
	manifest.Layer
	x, y, lane int // lane is where lines to it go down
}

// graphSVG draws by hand: six boxes and their lines need no library.
func graphSVG(w io.Writer, m *manifest.Manifest, states map[string]State) error {
	waves := inWaves(m)
	boxes, places := layOut(waves)
	width, height := len(waves)*columnWidth-(columnWidth-boxWidth)+2*margin, len(boxes)*rowHeight+margin*2
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif" font-size="12">`+"\n",
		width, height, width, height)
	fmt.Fprintf(&svg, "<title>The layers of %s</title>\n", html.EscapeString(m.Name))
	svg.WriteString(`<marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#555"/></marker>` + "\n")
	for _, b := range boxes {
		for _, up := range b.DependsOn {
			from := places[up]
			fmt.Fprintf(&svg, `<path d="M%d %dH%dV%dH%d" fill="none" stroke="#555" marker-end="url(#tip)"/>`+"\n",
				from.x+boxWidth, from.y+boxHeight/2, b.lane, b.y+boxHeight/2, b.x)
		}
	}
	for _, b := range boxes {
		drawBox(&svg, b, states[b.Name])
	}
	svg.WriteString("</svg>\n")
	_, err := io.WriteString(w, svg.String())
	return err
}

// layOut gives every layer its place.
func layOut(waves [][]manifest.Layer) (boxes []box, places map[string]box) {
	places = map[string]box{}
	for column, wave := range waves {
		for i, l := range wave {
			x := margin + column*columnWidth
			b := box{Layer: l, x: x, y: margin + len(boxes)*rowHeight, lane: x - 2*lane - i*lane%(columnWidth-boxWidth-2*lane)}
			boxes, places[l.Name] = append(boxes, b), b
		}
	}
	return boxes, places
}

func drawBox(svg *strings.Builder, b box, state State) {
	for _, p := range paints {
		if p.state == state {
			fmt.Fprintf(svg, `<rect x="%d" y="%d" width="%d" height="%d" rx="6" fill="%s" stroke="%s"/>`+"\n",
				b.x, b.y, boxWidth, boxHeight, p.fill, p.stroke)
		}
	}
	line := func(down int, extra, text string) {
		fmt.Fprintf(svg, `<text x="%d" y="%d"%s>%s</text>`+"\n", b.x+10, b.y+down, extra, html.EscapeString(text))
	}
	line(20, ` font-weight="bold" font-size="14"`, b.Name)
	line(37, ` fill="#444"`, b.Owner)
	line(53, "", string(state))
}
