package main

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/structpb"
)

type direction int

const (
	toBridge direction = iota
	toOfficial
)

// Fields of the protocol that hold one property path or a list of them.
var pathFields = map[protoreflect.Name]bool{
	"ignoreChanges": true, "replaces": true, "stables": true, "diffs": true, "property": true,
}

// translate changes the names in one message of the provider protocol: the resource type where it stands, the
// property names in every property map, and the property paths in differences and failures.
func translate(message protoreflect.Message, r *rule, to direction) (err error) {
	type change struct {
		field protoreflect.FieldDescriptor
		value protoreflect.Value
	}
	var changes []change
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap():
			if field.Name() == "detailedDiff" {
				renameKeys(value.Map(), r, to)
			}
		case field.IsList() && field.Kind() == protoreflect.StringKind:
			if pathFields[field.Name()] {
				for list, i := value.List(), 0; i < list.Len(); i++ {
					list.Set(i, protoreflect.ValueOfString(r.path(list.Get(i).String(), to)))
				}
			}
		case field.IsList() && field.Kind() == protoreflect.MessageKind:
			for list, i := value.List(), 0; i < list.Len() && err == nil; i++ {
				err = translate(list.Get(i).Message(), r, to)
			}
		case field.Kind() == protoreflect.MessageKind:
			if properties, ok := value.Message().Interface().(*structpb.Struct); ok {
				err = r.properties(properties, to)
			} else {
				err = translate(value.Message(), r, to)
			}
		case field.Kind() == protoreflect.StringKind:
			if text := r.text(field.Name(), value.String(), to); text != value.String() {
				changes = append(changes, change{field, protoreflect.ValueOfString(text)})
			}
		}
		return err == nil
	})
	for _, c := range changes {
		message.Set(c.field, c.value)
	}
	return err
}

func renameKeys(paths protoreflect.Map, r *rule, to direction) {
	renamed := map[string]protoreflect.Value{}
	paths.Range(func(key protoreflect.MapKey, value protoreflect.Value) bool {
		if path := r.path(key.String(), to); path != key.String() {
			renamed[path] = value
			paths.Clear(key)
		}
		return true
	})
	for path, value := range renamed {
		paths.Set(protoreflect.ValueOfString(path).MapKey(), value)
	}
}

// text renames in the single text fields of a message: urn, type, tok and property.
func (r *rule) text(field protoreflect.Name, value string, to direction) string {
	switch field {
	case "type", "tok":
		return r.token(value, to)
	case "urn":
		return mapURNType(value, func(token string) string { return r.token(token, to) })
	case "property":
		return r.path(value, to)
	}
	return value
}

func (r *rule) token(token string, to direction) string {
	if to == toBridge && token == r.official {
		return r.bridge
	}
	if to == toOfficial && token == r.bridge {
		return r.official
	}
	return token
}

// urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME: the type is what follows the last $. A name may hold anything.
func mapURNType(urn string, change func(string) string) string {
	parts := strings.SplitN(urn, "::", 4)
	if len(parts) < 4 {
		return urn
	}
	last := strings.LastIndex(parts[2], "$") + 1
	parts[2] = parts[2][:last] + change(parts[2][last:])
	return strings.Join(parts, "::")
}

func urnType(urn string) (token string) {
	mapURNType(urn, func(found string) string {
		token = found
		return found
	})
	return token
}
