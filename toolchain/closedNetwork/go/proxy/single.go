package main

import (
	"encoding/json"
	"regexp"
	"strings"

	"google.golang.org/protobuf/types/known/structpb"
)

// The keys with which the engine marks a secret among other objects, and the real value in it.
const (
	signatureKey = "4dabf18193072939515e22adb298388d"
	secretValue  = "value"
)

// single is a property that is one object officially (`expiration`), and a list of one in the bridge (`expirations`).
type single struct {
	within           []string // the properties it is inside of; lists on the way are gone through
	official, bridge string
}

func (s single) inObject(object *structpb.Struct, within []string, to direction) {
	if inner, ok := object.GetFields()[secretValue]; ok && object.GetFields()[signatureKey] != nil {
		s.inValue(inner, within, to)
		return
	}
	if len(within) > 0 {
		if inner, ok := object.GetFields()[within[0]]; ok {
			s.inValue(inner, within[1:], to)
		}
		return
	}
	from, target := s.official, s.bridge
	if to == toOfficial {
		from, target = target, from
	}
	value, ok := object.GetFields()[from]
	if !ok {
		return
	}
	changed := s.wrap(value)
	if to == toOfficial {
		changed = s.unwrap(value)
	}
	// An empty list stays under the bridge's name: its own record of the raw state refers to it.
	if changed == nil {
		return
	}
	delete(object.Fields, from)
	object.Fields[target] = changed
}

func (s single) inValue(value *structpb.Value, within []string, to direction) {
	if object := value.GetStructValue(); object != nil {
		s.inObject(object, within, to)
	}
	for _, element := range value.GetListValue().GetValues() {
		s.inValue(element, within, to)
	}
}

// wrap makes the list. What is not known yet is text, and so is a provider's object: JSON.
func (s single) wrap(value *structpb.Value) *structpb.Value {
	switch kind := value.GetKind().(type) {
	case *structpb.Value_StructValue:
		return structpb.NewListValue(&structpb.ListValue{Values: []*structpb.Value{value}})
	case *structpb.Value_StringValue:
		if strings.HasPrefix(kind.StringValue, "{") {
			return structpb.NewStringValue("[" + kind.StringValue + "]")
		}
	}
	return value
}

func (s single) unwrap(value *structpb.Value) *structpb.Value {
	switch kind := value.GetKind().(type) {
	case *structpb.Value_ListValue:
		if len(kind.ListValue.GetValues()) == 0 {
			return nil
		}
		return kind.ListValue.GetValues()[0]
	case *structpb.Value_StringValue:
		if text := kind.StringValue; strings.HasPrefix(text, "[{") && strings.HasSuffix(text, "}]") {
			return structpb.NewStringValue(text[1 : len(text)-1])
		}
	}
	return value
}

// inPath changes `rules[0].expiration.days` to `rules[0].expirations[0].days`, and back.
func (s single) inPath(path string, to direction) string {
	parts := make([]string, 0, len(s.within)+1)
	for _, name := range s.within {
		parts = append(parts, regexp.QuoteMeta(name)+`(?:\[[^\]]*\])?`)
	}
	before := strings.Join(parts, `\.`)
	if before != "" {
		before += `\.`
	}
	from, element, target := s.official, ``, s.bridge+"[0]"
	if to == toOfficial {
		from, element, target = s.bridge, `(?:\[0\])?`, s.official
	}
	pattern := regexp.MustCompile(`^(` + before + `)` + regexp.QuoteMeta(from) + element + `($|[.\[])`)
	return pattern.ReplaceAllString(path, "${1}"+target+"${2}")
}

func asJSONText(properties *structpb.Struct, names []string) error {
	for _, name := range names {
		object := properties.GetFields()[name].GetStructValue()
		if object == nil || object.GetFields()[signatureKey] != nil {
			continue
		}
		text, err := json.Marshal(object.AsMap())
		if err != nil {
			return err
		}
		properties.Fields[name] = structpb.NewStringValue(string(text))
	}
	return nil
}
