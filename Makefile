# Every target works from a clean clone. A target that needs root says so.
SHELL := /bin/bash
# npm's `node` package provides Node 24 on machines with an older one.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help deps build image verify test e2e kubevirt-control-plane differential replay bench bench-launch bench-node faults node-faults controller-faults soak demo clean distclean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## Install missing Debian packages (as root) and npm modules
	@scripts/deps.sh

build: deps ## Build the bundle dist/cpufeatures.mjs
	@node scripts/build.ts

image: build ## Make OCI images dist/cpufeatures-ARCHITECTURE.oci.tar without a container engine, and print their sizes
	@node scripts/image/make-image.ts

verify: deps ## Check format, lint, types, generated files, architecture
	@npm run -s verify

test: deps ## Run all tests: verify, unit, integration (real API server), host (real KVM), node (real kubelet)
	@node test/run.ts

e2e: deps ## Install the product on emulated nodes with kubelet, containerd, runc and crun, level VMs in pods, and migrate them
	@node test/run.ts node && node test/run.ts nodes

kubevirt-control-plane: deps ## Run the real virt-controller and virt-api of KubeVirt beside the controller, with played nodes (PATTERN=part of a file's name)
	@node test/run.ts kubevirt $(PATTERN)

differential: deps ## Compare predictions and baselines with real KVM on 22 emulated hosts (HOST=PART: only hosts whose name contains PART)
	@node test/differential/run.ts $(HOST)
	@node test/differential/baselines.ts $(HOST)

replay: deps ## Replay migrations between emulated hosts, register by register, against what reach predicts (HOST='A B': only hosts whose names contain these; FRESH=1)
	@node test/replay/run.ts $(if $(FRESH),--fresh) $(HOST)

bench: deps ## Measure the engine's speed against lower bounds
	@node test/bench/run.ts

bench-launch: deps ## Measure what a launch costs on an emulated host (TIMES=20)
	@node test/bench-launch/run.ts $(TIMES)

bench-node: deps ## Measure what the product costs on a node: exec probes, an idle agent, launches, hostile threads, 50 containers (PART='idle execs')
	@node test/bench-node/run.ts $(PART)

faults: deps ## Cause every fault before every system call of a supervisor (docs/faults.md); resumes an earlier run (FRESH=1: start over)
	@node test/faults/run.ts $(if $(FRESH),--fresh)
	@node test/faults/run-conditions.ts $(if $(FRESH),--fresh)

node-faults: deps ## Cause faults in a cluster with an emulated node, while pods are in each phase of a launch (docs/node-faults.md); resumes an earlier run (FRESH=1)
	@node test/node-faults/run.ts $(if $(FRESH),--fresh)

controller-faults: deps ## Cause every fault at every API request of the controller (docs/controller-faults.md); resumes an earlier run (FRESH=1: start over)
	@node test/controller-faults/run.ts $(if $(FRESH),--fresh)

soak: deps ## Run a thousand launches under one supervisor, which must not grow (LAUNCHES=1000)
	@node test/faults/soak.ts $(LAUNCHES)

demo: deps ## Install on two emulated nodes, level VMs in pods, and migrate one live (KEEP=1: leave the cluster running)
	@node test/nodes/demo.ts

clean: ## Remove what was built; keep the lab's cache
	rm -rf dist .lab/run

distclean: clean ## Also remove the lab's cache and npm modules
	rm -rf .lab node_modules
