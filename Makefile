# A machine needs make and Python 3.11 or newer (with venv); everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
# Programs of .venv come first: Node.js for the page is among them once the test packages are there.
export PATH := $(CURDIR)/$(BIN):$(PATH)

WEB := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)
INSTALL = if [ -x $(BIN)/uv ]; then uv --quiet pip install --python $(BIN)/python $(2) $(1); else python -m pip --quiet install $(1); fi
TORCH = $(shell grep -o '^torch==[0-9.]*' requirements/test.txt)
CHROMIUM = command -v chromium chromium-browser google-chrome

.PHONY: help demo test check lint fmt bench lock page docs test-web chromium torch ready
.DELETE_ON_ERROR:

help: ## these lines
	@sed -n 's/^\([a-z-]*\):.* ## /make \1: /p' Makefile

demo: .venv/demo.stamp ready ## train three small networks and show them
	$(BIN)/python examples/demo.py

# `make check` leaves nothing out.
MARKS = not thorough
# A file's tests stay together: the examples of a page of the docs build on each other.
test: .venv/test.stamp ready chromium torch test-web ## all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "$(MARKS)"

check: MARKS =
check: export KILLS ?= 12
check: export PLAYHEAD_MACHINE_EXAMPLES ?= 60# some minutes of the timeline's machine instead of seconds
check: lint docs test ## all that a change must pass

lint: .venv/dev.stamp ready web/node_modules/.package-lock.json ## style, types, who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd web && npm run lint

fmt: .venv/dev.stamp ## format, and mend what can be mended
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

docs: .venv/dev.stamp ready ## text that commands print into the docs is still what they print
	grep -rlF '[[[cog' README.md docs | xargs -r $(BIN)/cog --check

bench: .venv/bench.stamp ready ## speed, beside other trackers
	$(BIN)/python -m benchmarks

page: .venv/playhead.stamp ## build the page

test-web: .venv/test.stamp .venv/playhead.stamp web/node_modules/.package-lock.json
	cd web && npm test

web/node_modules/.package-lock.json: web/package-lock.json | .venv/test.stamp
	cd web && npm ci --no-audit --no-fund

# The shell has no windows around its pages, and takes a sixth of the processor.
chromium:
	@command -v chromium-headless-shell >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && { \
	  echo 'Installing Chromium for the browser tests'; \
	  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium-headless-shell fonts-dejavu-core; } >/dev/null 2>&1; }; } || \
	  $(CHROMIUM) >/dev/null || \
	  echo 'The browser tests will be SKIPPED: there is no Chromium. As root on Debian: apt-get install chromium-headless-shell'

# For Linux, PyPI has none without CUDA, which is gigabytes: pip may be set up with a place that has one, and uv knows PyTorch's own.
torch: .venv/test.stamp
	@$(BIN)/python -c 'import importlib.util as of, sys; sys.exit(of.find_spec("torch") is None)' || { \
	  echo 'Installing PyTorch for the CPU'; \
	  $(BIN)/python -m pip --quiet install --no-deps '$(TORCH)+cpu' 2>/dev/null || \
	  $(BIN)/uv --quiet pip install --python $(BIN)/python --no-deps --torch-backend cpu --compile-bytecode '$(TORCH)' 2>/dev/null; } || \
	  echo 'The tests with PyTorch will be SKIPPED: there is no $(TORCH)+cpu to be had for this machine'

# PYTHONDONTWRITEBYTECODE would otherwise make every start of a process compile the source anew.
ready: .venv/playhead.stamp
	@$(BIN)/python -m compileall -q src

.venv/uv.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Playhead needs Python 3.11 or newer; try: make PYTHON=python3.12")'
	@echo 'Making .venv'
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip --quiet install uv || echo 'no uv for this machine: going on with pip'
	@touch $@

.venv/%.stamp: requirements/%.txt .venv/uv.stamp
	@echo 'Installing the packages of $<'
	@$(call INSTALL,--no-deps -r $<,--compile-bytecode)
	@touch $@

.venv/playhead.stamp: .venv/runtime.stamp pyproject.toml hatch_build.py $(WEB)
	@echo 'Installing Playhead; its page is built if it changed'
	@$(call INSTALL,--no-deps --editable .)
	@touch $@

# One resolution, peers of the benchmarks included, so that a package has one version in all files.
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
  --custom-compile-command 'make lock' $(LOCK_OPTIONS) pyproject.toml

lock: .venv/uv.stamp ## versions anew; with LOCK_OPTIONS=--upgrade the newest
	$(LOCK) --group dev --group bench -o requirements/bench.txt
	for group in demo test dev; do $(LOCK) --group $$group -c requirements/bench.txt -o requirements/$$group.txt || exit; done
	$(LOCK) -c requirements/bench.txt -o requirements/runtime.txt
