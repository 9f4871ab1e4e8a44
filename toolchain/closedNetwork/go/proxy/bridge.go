package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// bridge is the running pulumi-resource-terraform-provider, made ready for one Terraform provider.
type bridge struct {
	group  int           // the process group of the bridge and its Terraform provider
	temp   string        // their temporary directory: who is killed leaves its socket behind
	guard  io.Writer     // our end of the guard's pipe: a pipe that nothing holds is closed by the garbage collector
	ready  chan struct{} // closed when client or err is set
	client *grpc.ClientConn
	err    error
}

// startBridge returns at once; connected waits until the bridge can answer.
//
// The bridge does not stop the Terraform provider it starts, and that one ignores SIGINT. So both are a process group
// of their own, which is killed whichever way we end: by stop, or by a guard process when we are killed ourselves.
func startBridge(opts options) (*bridge, error) {
	adoptOrphans()
	temp, err := os.MkdirTemp("", "provider-proxy-")
	if err != nil {
		return nil, err
	}
	command := exec.Command(opts.bridge, opts.engineArgs...)
	command.Env = append(os.Environ(), "TMPDIR="+temp)
	command.Stderr = os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("the Terraform bridge does not start: %w", err)
	}
	b := &bridge{group: command.Process.Pid, temp: temp, ready: make(chan struct{})}
	if b.guard, err = startGuard(b.group, temp); err != nil {
		_ = syscall.Kill(-b.group, syscall.SIGKILL)
		return nil, err
	}
	go func() {
		b.client, b.err = connect(output, opts.provider)
		close(b.ready)
		_, _ = io.Copy(io.Discard, output)
	}()
	return b, nil
}

func connect(output io.Reader, provider string) (*grpc.ClientConn, error) {
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the Terraform bridge ended at its start (its messages are above): %w", err)
	}
	client, err := grpc.NewClient("passthrough:///127.0.0.1:"+strings.TrimSpace(line),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageSize), grpc.MaxCallSendMsgSize(maxMessageSize)))
	if err != nil {
		return nil, err
	}
	request := &pulumirpc.ParameterizeRequest{Parameters: &pulumirpc.ParameterizeRequest_Args{
		Args: &pulumirpc.ParameterizeRequest_ParametersArgs{Args: []string{provider}},
	}}
	if _, err := pulumirpc.NewResourceProviderClient(client).Parameterize(context.Background(), request); err != nil {
		return nil, fmt.Errorf("the Terraform bridge cannot load %s: %w", provider, err)
	}
	return client, nil
}

func (b *bridge) connected(ctx context.Context) (*grpc.ClientConn, error) {
	select {
	case <-b.ready:
		return b.client, b.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// stop kills the group, and waits until all of it is gone and no dead process is left for others to bury.
func (b *bridge) stop() {
	_ = syscall.Kill(-b.group, syscall.SIGKILL)
	_, _ = b.guard.Write([]byte("\n"))
	for {
		if _, err := syscall.Wait4(-1, nil, 0, nil); err != nil && !errors.Is(err, syscall.EINTR) {
			_ = os.RemoveAll(b.temp)
			return
		}
	}
}

// adoptOrphans makes the Terraform provider our child when the bridge, its parent, dies.
func adoptOrphans() {
	const setChildSubreaper = 36
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0)
}

// startGuard starts a second copy of this program whose stdin is a pipe that we hold: the pipe closes with us.
func startGuard(group int, temp string) (io.Writer, error) {
	command := exec.Command("/proc/self/exe", "--guard", strconv.Itoa(group), temp)
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	pipe, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("the guard process does not start: %w", err)
	}
	return pipe, nil
}

// guard kills the group and removes its temporary directory when the pipe closes without a word, which is when the proxy was killed.
func guard(group, temp string) {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	if n, _ := os.Stdin.Read(make([]byte, 1)); n > 0 {
		return
	}
	if pid, err := strconv.Atoi(group); err == nil && pid > 1 {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}
	_ = os.RemoveAll(temp)
}
