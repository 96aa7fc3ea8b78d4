package vtl

// listClass is which of Java's collections a List is.
type listClass int

const (
	arrayList   listClass = iota
	stringArray           // String[], from split; its methods are those of a fixed list
	valuesView            // what values() returns: no index
	keysView              // what keySet() and entrySet() return: no index
)

// List is an ordered collection.
type List struct {
	// Text prints the list in another way than Java's [a, b], or is nil.
	Text func(*List) string

	items   []any
	class   listClass
	changes int // of its length

	// A view has no items of its own: each is made of an entry of the map.
	of   *Map
	item func(Entry) any
}

// NewList is an ArrayList of the items, each made a Value.
func NewList(items ...any) *List {
	l := &List{items: make([]any, len(items))}
	for i, item := range items {
		l.items[i] = Value(item)
	}
	return l
}

// Len is the number of items.
func (l *List) Len() int {
	if l.of != nil {
		return l.of.Len()
	}
	return len(l.items)
}

// Items are the items, to be read only.
func (l *List) Items() []any {
	if l.of == nil {
		return l.items
	}
	items := make([]any, l.of.Len())
	for i := range items {
		items[i] = l.at(i)
	}
	return items
}

func (l *List) at(i int) any {
	if l.of == nil {
		return l.items[i]
	}
	return l.item(l.of.Entries()[i])
}

// Add appends an item, which must be a Value.
func (l *List) Add(v any) {
	l.items = append(l.items, v)
	l.changes++
}
