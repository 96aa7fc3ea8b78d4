package vtl

import (
	"errors"
	"math/big"
	"slices"
)

// Map keeps its keys in the order in which they were put first, as LinkedHashMap does.
type Map struct {
	// Text prints the map in another way than Java's {k=v}, or is nil.
	Text func(*Map) string
	// BeforePut is asked before a template puts a value; its error ends the template. Or nil.
	BeforePut func(key, v any) error
	// Source has the first entries until they are asked for; or nil.
	Source Source

	entries []Entry
	index   map[any]int // by key; nil while the map is small
	changes int         // of its keys
}

// Source is what the entries of a map are made of.
type Source interface {
	// Fill puts them.
	Fill(*Map)
	// Peek is the value of one of them. It may fill the map first.
	Peek(m *Map, name string) (v any, found bool)
}

// Entry is a key with its value.
type Entry struct{ Key, Value any }

// smallMap is the size up to which looking through the entries is fast enough.
const smallMap = 24

// NewMap is an empty map.
func NewMap() *Map { return &Map{} }

// Len is the number of entries.
func (m *Map) Len() int { return len(m.Entries()) }

// Entries are the entries in order, to be read only.
func (m *Map) Entries() []Entry {
	if source := m.Source; source != nil {
		m.Source = nil
		source.Fill(m)
	}
	return m.entries
}

// Get is the value of a string key, or nil.
func (m *Map) Get(key string) any {
	v, _ := m.Lookup(key)
	return v
}

// Has reports whether there is an entry of a string key.
func (m *Map) Has(key string) bool {
	_, ok := m.Lookup(key)
	return ok
}

// Lookup is the value of a string key, and whether there is an entry.
func (m *Map) Lookup(key string) (any, bool) {
	if m.Source != nil {
		return m.Source.Peek(m, key)
	}
	return m.get(key)
}

// Put sets the value, which must be a Value, of a string key.
func (m *Map) Put(key string, v any) { m.set(key, v) }

// Values are the values as a collection.
func (m *Map) Values() *List {
	return &List{class: valuesView, of: m, item: func(e Entry) any { return e.Value }}
}

func (m *Map) keys() *List {
	return &List{class: keysView, of: m, item: func(e Entry) any { return e.Key }}
}

// entrySet holds one-entry views, whose getKey and getValue a template calls.
func (m *Map) entrySet() *List {
	return &List{class: keysView, of: m, item: func(e Entry) any { return &mapEntry{of: m, key: e.Key} }}
}

// mapEntry is an entry of a map as a value.
type mapEntry struct {
	of  *Map
	key any
}

func (e *mapEntry) value() any {
	v, _ := e.of.get(e.key)
	return v
}

// doubleKey and floatKey are the bits of a number: Java's equals tells 0.0 from -0.0, and
// has NaN equal itself.
type (
	doubleKey uint64
	floatKey  uint64
)

// hashable is a key as Go's maps compare it: by value where Java does too.
func hashable(key any) any {
	switch key := key.(type) {
	case *big.Int:
		return "BigInteger " + key.String()
	case Decimal:
		return "BigDecimal " + key.String()
	case float64:
		return doubleKey(doubleBits(key))
	case Float:
		return floatKey(doubleBits(float64(key)))
	}
	return key
}

func (m *Map) find(key any) int {
	entries := m.Entries()
	if name, ok := key.(string); ok && m.index == nil {
		return m.findName(name)
	}
	key = hashable(key)
	if m.index != nil {
		if i, ok := m.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range entries {
		if hashable(entries[i].Key) == key {
			return i
		}
	}
	return -1
}

func (m *Map) findName(name string) int {
	for i := range m.entries {
		if key, ok := m.entries[i].Key.(string); ok && key == name {
			return i
		}
	}
	return -1
}

func (m *Map) get(key any) (any, bool) {
	if name, ok := key.(string); ok && m.Source != nil {
		return m.Source.Peek(m, name)
	}
	i := m.find(key)
	if i < 0 {
		return nil, false
	}
	return m.entries[i].Value, true
}

// set returns the value that was there before.
func (m *Map) set(key, v any) any {
	if i := m.find(key); i >= 0 {
		old := m.entries[i].Value
		m.entries[i].Value = v
		return old
	}
	if m.entries == nil {
		m.entries = make([]Entry, 0, 4)
	}
	m.entries = append(m.entries, Entry{key, v})
	m.changes++
	if m.index != nil {
		m.index[hashable(key)] = len(m.entries) - 1
	} else if len(m.entries) > smallMap {
		m.reindex()
	}
	return nil
}

func (m *Map) reindex() {
	m.index = make(map[any]int, 2*len(m.entries))
	for i, e := range m.entries {
		m.index[hashable(e.Key)] = i
	}
}

func (m *Map) remove(key any) any {
	i := m.find(key)
	if i < 0 {
		return nil
	}
	old := m.entries[i].Value
	m.entries = slices.Delete(m.entries, i, i+1)
	m.changes++
	if m.index != nil {
		m.reindex()
	}
	return old
}

func (m *Map) clear() {
	m.entries, m.index, m.Source = nil, nil, nil
	m.changes++
}

// put is set as a template does it.
func (r *run) put(m *Map, key, v any) (any, error) {
	if m.BeforePut != nil {
		if err := m.BeforePut(key, v); err != nil {
			return nil, err
		}
	}
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if err := r.charge(48); err != nil {
		return nil, err
	}
	return m.set(key, v), nil
}

// checkKey refuses what Java compares by all that it holds.
func checkKey(key any) error {
	switch key.(type) {
	case *List, *Map:
		return errKey
	}
	return nil
}

var errKey = errors.New("a list or map as the key of a map is not supported here")
