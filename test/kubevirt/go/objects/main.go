// Prints, as a JSON List, what virt-operator would install: CRDs, rights with service accounts, and the priority class. With a URL
// and the file of a certificate it prints the webhooks of a virt-api at that URL instead.
package main

import (
	"encoding/json"
	"os"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	extv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/components"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/rbac"
)

const namespace = "kubevirt"

var crds = []func() (*extv1.CustomResourceDefinition, error){
	components.NewVirtualMachineInstanceCrd, components.NewVirtualMachineCrd, components.NewPresetCrd, components.NewReplicaSetCrd,
	components.NewVirtualMachineInstanceMigrationCrd, components.NewKubeVirtCrd, components.NewVirtualMachinePoolCrd,
	components.NewVirtualMachineSnapshotCrd, components.NewVirtualMachineSnapshotContentCrd, components.NewVirtualMachineRestoreCrd,
	components.NewVirtualMachineExportCrd, components.NewVirtualMachineInstancetypeCrd,
	components.NewVirtualMachineClusterInstancetypeCrd, components.NewVirtualMachinePreferenceCrd,
	components.NewVirtualMachineClusterPreferenceCrd, components.NewMigrationPolicyCrd, components.NewVirtualMachineCloneCrd,
}

func installed() []any {
	var items []any
	for _, newCrd := range crds {
		crd, err := newCrd()
		if err != nil {
			panic(err)
		}
		crd.TypeMeta.APIVersion, crd.TypeMeta.Kind = "apiextensions.k8s.io/v1", "CustomResourceDefinition"
		items = append(items, crd)
	}
	items = append(items, components.NewKubeVirtPriorityClassCR())
	for _, objects := range [][]runtime.Object{
		rbac.GetAllCluster(), rbac.GetAllController(namespace), rbac.GetAllApiServer(namespace), rbac.GetAllHandler(namespace),
	} {
		for _, object := range objects {
			items = append(items, object)
		}
	}
	return items
}

// Asks virt-api at its URL, for no Service leads to it.
func atURL(config *admissionv1.WebhookClientConfig, url string, ca []byte) {
	path := url + *config.Service.Path
	config.URL, config.Service, config.CABundle = &path, nil, ca
}

func webhooks(url string, caFile string) []any {
	ca, err := os.ReadFile(caFile)
	if err != nil {
		panic(err)
	}
	mutating := components.NewVirtAPIMutatingWebhookConfiguration(namespace)
	validating := components.NewVirtAPIValidatingWebhookConfiguration(namespace)
	for i := range mutating.Webhooks {
		atURL(&mutating.Webhooks[i].ClientConfig, url, ca)
	}
	for i := range validating.Webhooks {
		atURL(&validating.Webhooks[i].ClientConfig, url, ca)
	}
	return []any{mutating, validating}
}

func items() []any {
	if len(os.Args) == 3 {
		return webhooks(os.Args[1], os.Args[2])
	}
	return installed()
}

func main() {
	list := map[string]any{"apiVersion": "v1", "kind": "List", "items": items()}
	if err := json.NewEncoder(os.Stdout).Encode(list); err != nil {
		panic(err)
	}
}
