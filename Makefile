# Two commands matter: `make run` starts the desk, `make test` checks everything the project can check of itself.

PYTHON ?= python3
VENV := .venv
PEERS := .venv-peers
BIN := $(VENV)/bin
WORKERS ?= 2
ARGS ?=

# The checker brings its own JavaScript and Node in wheels: it downloads nothing, and asks nobody for a newer self.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test lint types contracts tests bench bench-peers browser pins clean

help:
	@echo 'make run      start the desk on its embedded defaults (ARGS="--for 2m" adds options)'
	@echo 'make test     lint, types, import contracts and tests'
	@echo 'make lint     ruff, rules and format'
	@echo 'make types    pyright, strict on the core'
	@echo 'make bench    the benchmarks, as ratios and absolute figures'
	@echo 'make bench-peers  the environment of the one peer that needs libraries of its own'
	@echo 'make browser  the Chromium that the screen is tested in (Debian and Ubuntu)'
	@echo 'make pins     write requirements*.txt again from the names in pyproject.toml'
	@echo 'make clean    remove the environment and every cache; ./var stays'

run: $(VENV)/.runtime
	@$(BIN)/flatbook run $(ARGS)

# Pytest comes last so that its closing line is the last one printed.
test: lint types contracts tests

lint: $(VENV)/.dev
	@echo '== ruff'
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(VENV)/.dev
	@echo '== pyright'
	@$(BIN)/pyright --project pyproject.toml

contracts: $(VENV)/.dev
	@echo '== import contracts'
	@$(BIN)/lint-imports

tests: $(VENV)/.dev
	@echo '== pytest'
	@$(BIN)/pytest -q -n $(WORKERS) $(ARGS)

bench: $(VENV)/.dev
	@$(BIN)/python -m benchmarks $(ARGS)

bench-peers: $(PEERS)/.made

# --- the environment -----------------------------------------------------------------------------------------
# Stamp files say how far it is; each step is redone only when what it was made from has changed.

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "flatbook needs Python 3.11 or newer and \`$(PYTHON)\` is $$($(PYTHON) --version 2>/dev/null || echo absent):" \
	       "install one (Debian: apt-get install python3 python3-venv), or name yours: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "\`$(PYTHON) -m venv\` failed: install its venv module (Debian: apt-get install python3-venv) and try again." >&2; exit 1; }
	@touch $@

$(VENV)/.runtime: $(VENV)/.made requirements.txt pyproject.toml
	@echo 'Installing what flatbook runs on into $(VENV) (once; a minute or two)'
	@$(BIN)/pip install --quiet -r requirements.txt
	@$(BIN)/pip install --quiet --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	@echo 'Installing what flatbook is checked with into $(VENV) (once)'
	@$(BIN)/pip install --quiet -r requirements-dev.txt
	@touch $@

$(PEERS)/.made: benchmarks/peers/requirements.txt
	@echo 'Installing py_vollib_vectorized into $(PEERS) (once)'
	@rm -rf $(PEERS) && $(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/pip install --quiet -r benchmarks/peers/requirements.txt
	@touch $@

# --- helpers -------------------------------------------------------------------------------------------------

DEBIAN_CHROMIUM := apt-get update && apt-get install -y --no-install-recommends chromium chromium-driver fonts-dejavu-core

browser:
	@if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then \
	  echo "Chromium is here: $$(chromium --version 2>/dev/null || command -v chromium)"; \
	elif ! command -v apt-get >/dev/null; then \
	  echo 'The screen is tested in chromium with chromedriver: install both with your package manager.' >&2; exit 1; \
	elif [ "$$(id -u)" = 0 ]; then \
	  export DEBIAN_FRONTEND=noninteractive; $(DEBIAN_CHROMIUM); \
	else \
	  echo 'The screen is tested in Chromium. Install it with one command:' >&2; \
	  echo "  sudo sh -c '$(DEBIAN_CHROMIUM)'" >&2; exit 1; \
	fi

# A fresh environment resolves the names of pyproject.toml; what it ends up with is what we pin.
pins:
	@rm -rf build/pins && $(PYTHON) -m venv build/pins
	@build/pins/bin/pip install --quiet . && build/pins/bin/pip freeze --exclude flatbook > build/run.txt
	@build/pins/bin/pip install --quiet '.[dev]' && build/pins/bin/pip freeze --exclude flatbook > build/dev.txt
	@{ sed -n '/^#/p' requirements.txt; cat build/run.txt; } > build/requirements.txt
	@{ sed -n '/^#/p' requirements-dev.txt; echo '-r requirements.txt'; grep -vxFf build/run.txt build/dev.txt; } > build/requirements-dev.txt
	@mv build/requirements.txt build/requirements-dev.txt . && rm -rf build
	@git diff --stat requirements.txt requirements-dev.txt

clean:
	rm -rf $(VENV) $(PEERS) build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache src/*.egg-info
	find src tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
