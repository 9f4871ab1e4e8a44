package main

import (
	"context"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"
)

// forwarder passes every call of the provider protocol on to the bridge, with the names changed on both ways.
type forwarder struct {
	names  packageNames
	bridge *bridge
}

// What is answered with the bridge's own names, or streams, and no program of ours asks for.
var refused = map[string]bool{
	"Handshake": true, "Parameterize": true, "GetSchema": true, "Construct": true, "Call": true, "List": true,
	"GetMapping": true, "GetMappings": true,
}

func (f *forwarder) handle(_ any, stream grpc.ServerStream) error {
	path, _ := grpc.MethodFromServerStream(stream)
	service, name, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if refused[name] {
		return status.Errorf(codes.Unimplemented, "%s is not part of the closed-network provider", name)
	}
	request, response, err := messages(service, name)
	if err != nil {
		return err
	}
	if err := stream.RecvMsg(request); err != nil {
		return err
	}
	if answer := unconfigured(name, request); answer != nil {
		return stream.SendMsg(answer)
	}
	if err := f.call(stream.Context(), path, name, request, response); err != nil {
		return err
	}
	return stream.SendMsg(response)
}

func (f *forwarder) call(ctx context.Context, path, name string, request, response proto.Message) error {
	r, err := f.names.ruleFor(name, request)
	if err != nil {
		return status.Error(codes.Unimplemented, err.Error())
	}
	if err := translate(request.ProtoReflect(), r, toBridge); err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	client, err := f.bridge.connected(ctx)
	if err != nil {
		return status.Error(codes.Unavailable, err.Error())
	}
	if incoming, ok := metadata.FromIncomingContext(ctx); ok {
		ctx = metadata.NewOutgoingContext(ctx, incoming)
	}
	if err := client.Invoke(ctx, path, request, response); err != nil {
		return translateError(err, r)
	}
	return translate(response.ProtoReflect(), r, toOfficial)
}

func messages(service, name string) (request, response proto.Message, err error) {
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
	if err != nil {
		return nil, nil, status.Errorf(codes.Unimplemented, "unknown service %s", service)
	}
	descriptor, ok := found.(protoreflect.ServiceDescriptor)
	if !ok || descriptor.Methods().ByName(protoreflect.Name(name)) == nil {
		return nil, nil, status.Errorf(codes.Unimplemented, "unknown method %s of %s", name, service)
	}
	method := descriptor.Methods().ByName(protoreflect.Name(name))
	input, err := protoregistry.GlobalTypes.FindMessageByName(method.Input().FullName())
	if err != nil {
		return nil, nil, err
	}
	output, err := protoregistry.GlobalTypes.FindMessageByName(method.Output().FullName())
	if err != nil {
		return nil, nil, err
	}
	return input.New().Interface(), output.New().Interface(), nil
}

// translateError changes the names in what an error carries: a container that was made but does not start comes
// back as an error that holds its state.
func translateError(err error, r *rule) error {
	original := status.Convert(err).Proto()
	for i, detail := range original.GetDetails() {
		message, unpackErr := detail.UnmarshalNew()
		if unpackErr != nil || translate(message.ProtoReflect(), r, toOfficial) != nil {
			continue
		}
		if packed, packErr := anypb.New(message); packErr == nil {
			original.Details[i] = packed
		}
	}
	return status.ErrorProto(original)
}
