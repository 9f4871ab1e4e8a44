package main

import (
	"github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// unconfigured answers what the engine asks of a provider that has no configuration but its version, and nil for all
// else. The engine loads the next plugin only when it has these answers: if they had to wait for the bridge, the bridges
// would start one after the other.
func unconfigured(method string, request proto.Message) proto.Message {
	switch message := request.(type) {
	case *pulumirpc.CheckRequest:
		if method == "CheckConfig" && onlyVersion(message.GetNews()) {
			return &pulumirpc.CheckResponse{Inputs: message.GetNews()}
		}
	case *pulumirpc.DiffRequest:
		if method == "DiffConfig" && onlyVersion(message.GetNews()) &&
			proto.Equal(message.GetOldInputs(), message.GetNews()) && proto.Equal(message.GetOlds(), message.GetNews()) {
			return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}
		}
	}
	return nil
}

func onlyVersion(properties *structpb.Struct) bool {
	_, ok := properties.GetFields()["version"]
	return ok && len(properties.GetFields()) == 1
}
