// The closed-network way to @pulumi/docker, @pulumi/random and @pulumi/aws.
//
// Where Pulumi's own download site cannot be reached, the official plugins cannot be had. They are Pulumi's Terraform
// bridge over a Terraform provider with a few names changed; the official "any Terraform provider" plugin is the same
// bridge without those changes, and that one can be built from Go modules. This program stands between the Pulumi
// engine and it and changes the names (mapping*.go). Resources that the tables do not list are refused.
//
// Pulumi starts it as the plugin of one package:
//
//	provider-proxy --package docker --version 5.2.0 --bridge PATH --provider PATH [arguments of the engine]
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Container states carry logs: the same limit as Pulumi's own.
const maxMessageSize = 400 << 20

type options struct {
	pkg, version, bridge, provider string
	engineArgs                     []string
}

func main() {
	// The bridge is tied to the life of the thread that starts it, so that must be the one that lives longest.
	runtime.LockOSThread()
	if len(os.Args) == 4 && os.Args[1] == "--guard" {
		guard(os.Args[2], os.Args[3])
		return
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "provider-proxy:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	opts, err := parse(args)
	if err != nil {
		return err
	}
	names, ok := packages[opts.pkg]
	if !ok {
		return fmt.Errorf("there is no name table for the package %q", opts.pkg)
	}
	bridge, err := startBridge(opts)
	if err != nil {
		return err
	}
	defer bridge.stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := grpc.NewServer(
		grpc.MaxRecvMsgSize(maxMessageSize),
		grpc.MaxSendMsgSize(maxMessageSize),
		grpc.UnknownServiceHandler((&forwarder{names: names, bridge: bridge}).handle),
	)
	server.RegisterService(&ownMethods, &own{version: opts.version})
	// The engine reads the port from the first line of our output.
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go func() { _ = server.Serve(listener) }()
	waitForEnd()
	return nil
}

func parse(args []string) (options, error) {
	var opts options
	flags := map[string]*string{
		"--package": &opts.pkg, "--version": &opts.version, "--bridge": &opts.bridge, "--provider": &opts.provider,
	}
	for len(args) >= 2 && flags[args[0]] != nil {
		*flags[args[0]] = args[1]
		delete(flags, args[0])
		args = args[2:]
	}
	for name := range flags {
		return opts, fmt.Errorf("%s is missing", name)
	}
	opts.engineArgs = args
	return opts, nil
}

// waitForEnd returns when the engine asks us to stop (SIGINT), or is gone itself (our stdin is its pipe).
func waitForEnd() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
		go func() {
			_, _ = io.Copy(io.Discard, bufio.NewReader(os.Stdin))
			signals <- syscall.SIGHUP
		}()
	}
	<-signals
}

// own answers what is not for the bridge.
type own struct{ version string }

var ownMethods = grpc.ServiceDesc{
	ServiceName: "pulumirpc.ResourceProvider",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{
		// At once, so that the engine need not wait for the bridge's start.
		answer("GetPluginInfo", func(o *own) any { return &pulumirpc.PluginInfo{Version: o.version} }),
		// After ^C the engine waits for what is being made, and asks us to make that short. The bridge would drop what it
		// waits for: a network that exists then, but in no state, is in the way of the next `up`. So all is made to its end.
		answer("Cancel", func(*own) any { return &emptypb.Empty{} }),
	},
}

func answer(method string, with func(*own) any) grpc.MethodDesc {
	return grpc.MethodDesc{
		MethodName: method,
		Handler: func(srv any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			if err := decode(&emptypb.Empty{}); err != nil {
				return nil, err
			}
			return with(srv.(*own)), nil
		},
	}
}
