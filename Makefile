# Everything here works from a clean clone; what needs root says so.
SHELL := /bin/bash
# npm's `node` package brings Node 24 where the machine has an older one.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help deps build verify test differential bench bench-launch faults soak demo clean distclean

help: ## What can be made (this list)
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## Install what the machine lacks: Debian packages (as root) and npm modules
	@scripts/deps.sh

build: deps ## The bundle dist/cpufeatures.mjs
	@node scripts/build.ts

verify: deps ## Format, lint, types, generated files, architecture
	@npm run -s verify

test: deps ## All tests: verify, unit, integration (real API server), host (real KVM), e2e
	@node test/run.ts

differential: deps ## Predictions and baselines beside real KVM on 22 emulated hosts (HOST=part of a name for some of them)
	@node test/differential/run.ts $(HOST)
	@node test/differential/baselines.ts $(HOST)

bench: deps ## The engine's speed beside lower bounds
	@node test/bench/run.ts

bench-launch: deps ## What a launch costs on an emulated host (TIMES=20)
	@node test/bench-launch/run.ts $(TIMES)

faults: deps ## Every fault before every system call of a supervisor (docs/faults.md); goes on where it ended (FRESH=1: all anew)
	@node test/faults/run.ts $(if $(FRESH),--fresh)

soak: deps ## A thousand launches under one supervisor: what it holds must not grow (LAUNCHES=1000)
	@node test/faults/soak.ts $(LAUNCHES)

demo: deps ## From kubectl apply to a levelled VM on two emulated hosts (KEEP=1 leaves it running)
	@node test/e2e/demo.ts

clean: ## Remove what was built, keep the lab's cache
	rm -rf dist .lab/run

distclean: clean ## Remove the lab's cache and npm modules too
	rm -rf .lab node_modules
