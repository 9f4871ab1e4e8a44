package main

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// rule says how one resource or function of an official package is called by the bridge.
type rule struct {
	official, bridge string
	// Official name of a property -> the bridge's.
	rename map[string]string
	// Properties that are one object officially, and a list of one in the bridge.
	single []single
	// Inputs that the bridge does not know.
	drop []string
	// Inputs that may be objects, and are JSON text in the bridge.
	jsonText []string
}

// packageNames finds the rule of a token; nil where the token is not in the table.
type packageNames struct {
	name     string
	provider *rule
	find     func(token string) *rule
}

var packages = map[string]packageNames{
	"aws":    awsNames,
	"docker": dockerNames,
	"random": randomNames,
}

// ruleFor finds the rule for what a request is about. Calls that name no resource are about the provider itself.
func (p packageNames) ruleFor(method string, request proto.Message) (*rule, error) {
	var token string
	switch message := request.(type) {
	case interface{ GetTok() string }:
		token = message.GetTok()
	case interface{ GetUrn() string }:
		token = urnType(message.GetUrn())
	}
	switch method {
	case "CheckConfig", "DiffConfig", "Configure", "Cancel", "Attach", "SignalCancellation":
		return p.provider, nil
	}
	if found := p.find(token); found != nil {
		return found, nil
	}
	return nil, fmt.Errorf("%s is not in the name table of the closed-network %s provider (toolchain/closedNetwork/go/proxy): add it there, "+
		"or use Pulumi's own plugin where its download site can be reached", token, p.name)
}

// path renames in a property path such as `command[0]` or `rules[0].expiration.days`.
func (r *rule) path(path string, to direction) string {
	for _, one := range r.single {
		path = one.inPath(path, to)
	}
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		end = len(path)
	}
	return r.property(path[:end], to) + path[end:]
}

func (r *rule) property(name string, to direction) string {
	for official, bridge := range r.rename {
		if to == toBridge && name == official {
			return bridge
		}
		if to == toOfficial && name == bridge {
			return official
		}
	}
	return name
}

func (r *rule) properties(properties *structpb.Struct, to direction) error {
	for official := range r.rename {
		from, target := official, r.rename[official]
		if to == toOfficial {
			from, target = target, from
		}
		value, ok := properties.GetFields()[from]
		if !ok {
			continue
		}
		delete(properties.Fields, from)
		properties.Fields[target] = value
	}
	for _, one := range r.single {
		one.inObject(properties, one.within, to)
	}
	r.defaults(properties, to)
	if to == toOfficial {
		return nil
	}
	for _, name := range r.drop {
		delete(properties.GetFields(), name)
	}
	return asJSONText(properties, r.jsonText)
}

// defaults renames in the list that the bridge keeps of the inputs it filled in itself.
func (r *rule) defaults(properties *structpb.Struct, to direction) {
	for _, value := range properties.GetFields()["__defaults"].GetListValue().GetValues() {
		if name, ok := value.GetKind().(*structpb.Value_StringValue); ok {
			name.StringValue = r.property(name.StringValue, to)
		}
	}
}

// table finds rules by their official token. A rule without a token for the bridge has the same one there.
func table(rules ...rule) func(string) *rule {
	byToken := map[string]*rule{}
	for _, r := range rules {
		if r.bridge == "" {
			r.bridge = r.official
		}
		byToken[r.official] = &r
	}
	return func(token string) *rule { return byToken[token] }
}

func lowerFirst(name string) string { return strings.ToLower(name[:1]) + name[1:] }
