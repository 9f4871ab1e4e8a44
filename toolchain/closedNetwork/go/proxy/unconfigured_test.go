package main

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

func TestUnconfiguredProviderNeedsNoBridge(t *testing.T) {
	version := properties(t, map[string]any{"version": "5.2.0"})
	newer := properties(t, map[string]any{"version": "5.3.0"})
	host := properties(t, map[string]any{"version": "5.2.0", "host": "tcp://db:2376"})
	none := properties(t, map[string]any{})
	diff := func(olds, news *structpb.Struct) proto.Message {
		return &pulumirpc.DiffRequest{OldInputs: olds, Olds: olds, News: news}
	}
	for _, test := range []struct {
		name, method string
		request      proto.Message
		answered     bool
	}{
		{"check", "CheckConfig", &pulumirpc.CheckRequest{News: version}, true},
		{"check of a configuration", "CheckConfig", &pulumirpc.CheckRequest{News: host}, false},
		{"check of nothing", "CheckConfig", &pulumirpc.CheckRequest{News: none}, false},
		{"check of a resource", "Check", &pulumirpc.CheckRequest{News: version}, false},
		{"no difference", "DiffConfig", diff(version, version), true},
		{"another version", "DiffConfig", diff(version, newer), false},
		{"a configuration", "DiffConfig", diff(host, host), false},
		{"a configuration gone", "DiffConfig", diff(host, version), false},
		{"a resource", "Diff", diff(version, version), false},
		{"another call", "Configure", &pulumirpc.ConfigureRequest{Args: version}, false},
	} {
		answer := unconfigured(test.method, test.request)
		if (answer != nil) != test.answered {
			t.Errorf("%s: %v", test.name, answer)
		}
		if check, ok := answer.(*pulumirpc.CheckResponse); ok && !proto.Equal(check.GetInputs(), version) {
			t.Errorf("%s changes the inputs to %v", test.name, check.GetInputs())
		}
	}
}
