// A device plugin that gives unprivileged containers /dev/kvm, as KubeVirt's virt-handler does: its argument is the name of the
// resource, for example devices.kubevirt.io/kvm.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	api "k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1"
)

const (
	endpoint = "kvm.sock"
	slots    = 110
)

type plugin struct {
	api.UnimplementedDevicePluginServer
}

func (plugin) GetDevicePluginOptions(context.Context, *api.Empty) (*api.DevicePluginOptions, error) {
	return &api.DevicePluginOptions{}, nil
}

func (plugin) ListAndWatch(_ *api.Empty, stream api.DevicePlugin_ListAndWatchServer) error {
	var all api.ListAndWatchResponse
	for slot := range slots {
		all.Devices = append(all.Devices, &api.Device{ID: fmt.Sprint("kvm", slot), Health: api.Healthy})
	}
	if err := stream.Send(&all); err != nil {
		return err
	}
	<-stream.Context().Done()
	return nil
}

func (plugin) Allocate(_ context.Context, request *api.AllocateRequest) (*api.AllocateResponse, error) {
	answer := &api.AllocateResponse{}
	for range request.ContainerRequests {
		answer.ContainerResponses = append(answer.ContainerResponses, &api.ContainerAllocateResponse{
			Devices: []*api.DeviceSpec{{HostPath: "/dev/kvm", ContainerPath: "/dev/kvm", Permissions: "rw"}},
		})
	}
	return answer, nil
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("the argument is the name of a resource")
	}
	socket := filepath.Join(api.DevicePluginPath, endpoint)
	// The kubelet makes the folder and its own socket when it starts.
	for !exists(api.KubeletSocket) {
		time.Sleep(200 * time.Millisecond)
	}
	os.Remove(socket)
	listener, err := net.Listen("unix", socket)
	check(err)
	server := grpc.NewServer()
	api.RegisterDevicePluginServer(server, plugin{})
	go func() { check(server.Serve(listener)) }()
	register(os.Args[1])
	// A kubelet that starts again removes our socket, and whoever started us starts us again.
	for exists(socket) {
		time.Sleep(time.Second)
	}
}

func register(resource string) {
	connection, err := grpc.NewClient("unix://"+api.KubeletSocket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	check(err)
	defer connection.Close()
	request := &api.RegisterRequest{Version: api.Version, Endpoint: endpoint, ResourceName: resource}
	_, err = api.NewRegistrationClient(connection).Register(context.Background(), request, grpc.WaitForReady(true))
	check(err)
	log.Print("registered ", resource)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
