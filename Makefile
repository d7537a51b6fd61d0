# Two commands do everything: `make demo` and `make test`. Both install what they need from a clean clone.
SHELL := /bin/bash
.DEFAULT_GOAL := help
DEMO_DIR ?= $(shell mktemp -d)/retail-demo

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: node_modules/.package-lock.json ## install the locked packages
# npm ci empties node_modules first. If that is a link, as in a worktree, it would empty the folder of another checkout.
node_modules/.package-lock.json: package.json package-lock.json
	@test ! -L node_modules || { echo "node_modules is a link, and npm ci would empty the folder behind it: remove the link first"; exit 3; }
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

lock: ## update package-lock.json for every platform, after a change of package.json
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	node .ci/complete-lock.mjs

build: install ## compile to dist/
	npm run --silent build

demo: build ## run every step once, in a new folder
	node bin/retail.js demo --dir "$(DEMO_DIR)"

check: install ## run what a commit needs: build, types, lint, prose, unit tests; about a minute
	npm run --silent check

# Installs Chromium, zsh, and fish from system packages, after it prints what it installs. CHROME_PATH selects your own browser.
test-tools:
	@scripts/test-tools.sh

static: static-types static-lint static-prose static-unused
static-%: build
	npm run --silent $*

# What downloads, what compiles, and what checks, side by side.
before-tests:
	@$(MAKE) --no-print-directory -j3 test-tools static

test: before-tests ## run all tests but those of engines; installs Chromium, zsh, and fish with apt-get (or set CHROME_PATH)
	RETAIL_BUILT=yes npx vitest run --project '!engines'

test-engines: build ## test the templates as shipped on real engines: Airflow, Spark, make, pip, uv, pipenv
	RETAIL_BUILT=yes npx vitest run --project engines

RETRIES ?= 0
test-all: before-tests ## run both, side by side, like CI; RETRIES=1 runs a failed test once more
	RETAIL_BUILT=yes npx vitest run --retry $(RETRIES)

peers: ## install the Google Cloud emulators that the tests use
	@test/peers/install.sh >/dev/null

MINUTES ?= 30
OF ?= lives stream
KILLS ?= 100
soak: build ## run simulated lives and monitored streams for MINUTES=30 each; OF=stream, OF=lives, OF=grade (the whole proof of grade), or OF=gcp (KILLS=100 on the emulators) runs one of them
	@$(foreach what,$(OF),$(MAKE) --no-print-directory soak-$(what) &&) true

soak-lives:
	RETAIL_LIVES_MINUTES=$(MINUTES) npx vitest run --project journeys --testTimeout 999999999 test/lives.test.ts -t 'end exact|RETAIL_LIFE'

soak-stream:
	node test/soak/stream.mjs --minutes $(MINUTES) $(if $(OUT),--out $(OUT))

soak-grade:
	RETAIL_PROOF=all npx vitest run --project unit --testTimeout 999999999 src/pipeline/grade-proof.test.ts

soak-gcp:
	RETAIL_CHAOS_KILLS=$(KILLS) npx vitest run --project gcp test/gcp/chaos.test.ts

bench: build ## run the paired benchmarks; writes bench/RESULTS.md
	node bench/run.mjs

.PHONY: help lock install build demo check static before-tests test test-tools test-engines peers bench soak soak-lives soak-stream soak-grade soak-gcp
