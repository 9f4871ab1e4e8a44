package main

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"
)

func properties(t *testing.T, values map[string]any) *structpb.Struct {
	t.Helper()
	result, err := structpb.NewStruct(values)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func mustRule(t *testing.T, names packageNames, method string, request proto.Message) *rule {
	t.Helper()
	r, err := names.ruleFor(method, request)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func same(t *testing.T, got, want proto.Message) {
	t.Helper()
	if !proto.Equal(got, want) {
		t.Fatalf("got  %v\nwant %v", got, want)
	}
}

const (
	officialURN = "urn:pulumi:dev::p::pgbackrest:index:Protected$random:index/randomPassword:RandomPassword::a$b::c"
	bridgeURN   = "urn:pulumi:dev::p::pgbackrest:index:Protected$random:index/password:Password::a$b::c"
	container   = "urn:pulumi:dev::p::docker:index/container:Container::c"
)

func TestTypesInURNAndType(t *testing.T) {
	request := &pulumirpc.CreateRequest{Urn: officialURN, Type: "random:index/randomPassword:RandomPassword", Name: "random:index/randomPassword:RandomPassword"}
	r := mustRule(t, randomNames, "Create", request)
	if err := translate(request.ProtoReflect(), r, toBridge); err != nil {
		t.Fatal(err)
	}
	same(t, request, &pulumirpc.CreateRequest{Urn: bridgeURN, Type: "random:index/password:Password", Name: "random:index/randomPassword:RandomPassword"})
}

func TestEveryRandomResource(t *testing.T) {
	for official, bridge := range map[string]string{
		"random:index/randomUuid:RandomUuid":         "random:index/uuid:Uuid",
		"random:index/randomId:RandomId":             "random:index/id:Id",
		"random:index/randomPassword:RandomPassword": "random:index/password:Password",
		"random:index/randomShuffle:RandomShuffle":   "random:index/shuffle:Shuffle",
	} {
		if r := randomNames.find(official); r == nil || r.bridge != bridge {
			t.Errorf("%s: %+v", official, r)
		}
	}
}

func TestPropertiesBothWays(t *testing.T) {
	official := func() *structpb.Struct {
		return properties(t, map[string]any{
			"command": []any{"sleep"}, "networksAdvanced": []any{map[string]any{"name": "n"}}, "name": "c",
			"__defaults": []any{"name", "command"},
		})
	}
	bridge := properties(t, map[string]any{
		"commands": []any{"sleep"}, "networksAdvanceds": []any{map[string]any{"name": "n"}}, "name": "c",
		"__defaults": []any{"name", "commands"},
	})
	request := &pulumirpc.DiffRequest{
		Urn: container, Olds: official(), News: official(), OldInputs: official(), IgnoreChanges: []string{"command[0]", "name"},
	}
	r := mustRule(t, dockerNames, "Diff", request)
	if err := translate(request.ProtoReflect(), r, toBridge); err != nil {
		t.Fatal(err)
	}
	same(t, request, &pulumirpc.DiffRequest{
		Urn: container, Olds: bridge, News: bridge, OldInputs: bridge, IgnoreChanges: []string{"commands[0]", "name"},
	})
	response := &pulumirpc.DiffResponse{
		Diffs: []string{"commands"}, Replaces: []string{"networksAdvanceds"}, Stables: []string{"name"},
		DetailedDiff: map[string]*pulumirpc.PropertyDiff{"commands[0]": {}, "networksAdvanceds[0].name": {}, "name": {}},
	}
	if err := translate(response.ProtoReflect(), r, toOfficial); err != nil {
		t.Fatal(err)
	}
	same(t, response, &pulumirpc.DiffResponse{
		Diffs: []string{"command"}, Replaces: []string{"networksAdvanced"}, Stables: []string{"name"},
		DetailedDiff: map[string]*pulumirpc.PropertyDiff{"command[0]": {}, "networksAdvanced[0].name": {}, "name": {}},
	})
	created := &pulumirpc.CreateResponse{Id: "1", Properties: proto.Clone(bridge).(*structpb.Struct)}
	if err := translate(created.ProtoReflect(), r, toOfficial); err != nil {
		t.Fatal(err)
	}
	same(t, created, &pulumirpc.CreateResponse{Id: "1", Properties: official()})
}

func TestFailuresAndErrorDetails(t *testing.T) {
	r := dockerNames.find("docker:index/container:Container")
	response := &pulumirpc.CheckResponse{Failures: []*pulumirpc.CheckFailure{{Property: "commands", Reason: "bad"}}}
	if err := translate(response.ProtoReflect(), r, toOfficial); err != nil {
		t.Fatal(err)
	}
	same(t, response, &pulumirpc.CheckResponse{Failures: []*pulumirpc.CheckFailure{{Property: "command", Reason: "bad"}}})

	detail, err := anypb.New(&pulumirpc.ErrorResourceInitFailed{Id: "1", Properties: properties(t, map[string]any{"commands": []any{"x"}})})
	if err != nil {
		t.Fatal(err)
	}
	original := status.New(codes.Unknown, "not healthy").Proto()
	original.Details = append(original.Details, detail)
	translated := status.Convert(translateError(status.ErrorProto(original), r))
	if translated.Message() != "not healthy" || len(translated.Details()) != 1 {
		t.Fatal(translated)
	}
	same(t, translated.Details()[0].(proto.Message),
		&pulumirpc.ErrorResourceInitFailed{Id: "1", Properties: properties(t, map[string]any{"command": []any{"x"}})})
}

func TestUnknownTypesAreRefused(t *testing.T) {
	for _, request := range []proto.Message{
		&pulumirpc.CreateRequest{Urn: "urn:pulumi:dev::p::docker:index/image:Image::i"},
		&pulumirpc.CreateRequest{Urn: "urn:pulumi:dev::p::docker:index/service:Service::i"},
		&pulumirpc.InvokeRequest{Tok: "docker:index/getLogs:getLogs"},
		&pulumirpc.CreateRequest{},
	} {
		if _, err := dockerNames.ruleFor("Create", request); err == nil || !strings.Contains(err.Error(), "not in the name table") {
			t.Errorf("%v: %v", request, err)
		}
	}
}

func TestProviderItselfIsKnown(t *testing.T) {
	urn := "urn:pulumi:dev::p::pulumi:providers:docker::default_5_2_0"
	request := &pulumirpc.CheckRequest{Urn: urn, News: properties(t, map[string]any{"host": "unix:///x"})}
	r := mustRule(t, dockerNames, "CheckConfig", request)
	want := proto.Clone(request)
	if err := translate(request.ProtoReflect(), r, toBridge); err != nil {
		t.Fatal(err)
	}
	same(t, request, want)
}

func TestArguments(t *testing.T) {
	opts, err := parse([]string{"--package", "docker", "--version", "1", "--bridge", "b", "--provider", "p", "--logtostderr", "127.0.0.1:1"})
	if err != nil || strings.Join(opts.engineArgs, " ") != "--logtostderr 127.0.0.1:1" {
		t.Fatal(opts, err)
	}
	if _, err := parse([]string{"--package", "docker"}); err == nil {
		t.Fatal("a missing argument is accepted")
	}
}
