# Two commands do everything: `make demo` and `make test`. Both install what they need from a clean clone.
SHELL := /bin/bash
.DEFAULT_GOAL := help
DEMO_DIR ?= $(shell mktemp -d)/retail-demo

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: node_modules/.package-lock.json ## the locked packages
# npm empties the folder first: through a link, as a worktree may have one, that is the folder of somebody else.
node_modules/.package-lock.json: package.json package-lock.json
	@test ! -L node_modules || { echo "node_modules is a link: remove it first, or npm ci empties what it leads to"; exit 3; }
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

lock: ## the lock anew, for every platform, after a change of package.json
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	node .ci/complete-lock.mjs

build: install ## compile to dist/
	npm run --silent build

demo: build ## everything once, in a fresh folder
	node bin/retail.js demo --dir "$(DEMO_DIR)"

check: install ## what a developer runs before a commit, about a minute
	npm run --silent check

# The page is tested in a real browser; CHROME_PATH names another one.
browser:
	@test -n "$$CHROME_PATH" || command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null \
	  || { command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium; } \
	  || { echo "make test needs Chromium: install it, or set CHROME_PATH"; exit 3; }

test: install browser ## everything that CI runs
	npm run --silent build
	npm run --silent types
	npm run --silent lint
	npm run --silent unused
	npx vitest run --project '!engines'

test-engines: install ## the templates as shipped, on real engines: Airflow, Spark, make, pip, uv, pipenv
	npx vitest run --project engines

peers: ## install the emulators of Google Cloud that the tests use
	@test/peers/install.sh >/dev/null

bench: build ## the paired benchmarks; writes bench/RESULTS.md
	node bench/run.mjs

.PHONY: help lock install build demo check test test-engines peers bench
