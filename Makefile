# Every target makes the environment it needs. `make PYTHON=python3.12 ...` chooses the interpreter.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
PEERS := .venv-peers
INSTALLED_PEERS := $(PEERS)/.installed

.DEFAULT_GOAL := help
.PHONY: help install app test test-slow check docs screenshots format bench bench-full bench-compare pins clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(INSTALLED) ## Set up .venv with aejax and what it needs

app: $(INSTALLED) ## Start the laboratory at http://localhost:8501
	$(BIN)/aejax app

test: $(INSTALLED_DEV) ## Run all tests but the slow ones, browser tests included
	$(BIN)/python scripts/ensure_browser.py
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-slow: $(INSTALLED_DEV) ## Run the slow tests: published numbers reproduced, several minutes each
	$(BIN)/python -m pytest -m slow

check: $(INSTALLED_DEV) docs ## Lint, check the formatting and the types, build the documentation
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

docs: $(INSTALLED_DEV) ## Build the documentation into build/docs; a warning is an error
	$(BIN)/python -m sphinx --builder html --fail-on-warning --keep-going --quiet -d .cache/sphinx docs build/docs

screenshots: $(INSTALLED_DEV) ## Take all pictures of the documentation anew, some minutes
	$(BIN)/python scripts/ensure_browser.py
	$(BIN)/python -m scripts.take_screenshots

format: $(INSTALLED_DEV) ## Format the code and mend what the linter can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(INSTALLED_DEV) $(INSTALLED_PEERS) ## Race aejax against its peers, the short set: about ten minutes
	$(BIN)/python -m benchmarks.race --alone --rounds 3 --seeds 2
	$(BIN)/python -m benchmarks.race_page

bench-full: $(INSTALLED_DEV) $(INSTALLED_PEERS) ## Race it in all cases, and measure it alone: about twenty minutes
	$(BIN)/python -m benchmarks.race --full --alone
	$(BIN)/python -m benchmarks.race_page

bench-compare: $(INSTALLED_DEV) ## Compare the last race with the kept one; fails if a ratio fell by more than 20 %
	$(BIN)/python -m benchmarks.race_compare

pins: ## Write requirements*.txt anew from pyproject.toml (needs uv)
	scripts/pin.sh

clean: ## Remove the environment, the caches and what the tests wrote
	rm -rf $(VENV) $(PEERS) .cache artifacts build dist

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "aejax needs Python 3.11 or newer; $(PYTHON) is older or missing. Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make environments here. On Debian and Ubuntu: apt-get install python3-venv" >&2; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): requirements.txt pyproject.toml hatch_build.py | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

$(INSTALLED_DEV): $(INSTALLED) requirements-dev.txt
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	@touch $@

$(INSTALLED_PEERS): benchmarks/requirements-peers.txt | $(VENV)/bin/python
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --requirement $<
	@touch $@
