# The commands of this project. Windows without make: see README.md.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help setup run test lint format verify bench lock clean

help:  ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1|/' | column -t -s '|'

setup: $(STAMP)  ## make .venv and install capsim with everything it needs, by the hashes in the lock

$(STAMP): requirements-dev.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	-$(BIN)/python -m compileall -q -j 0 .venv/lib capsim configs >/dev/null 2>&1  # each worker imports anew
	-$(BIN)/capsim region=mini scenario=base replications=1 days=1 out=$$(mktemp -d) >/dev/null  # compiles
	touch $@

run: $(STAMP)  ## the three questions on midt_norge: base case and one scenario each, charts and report
	$(BIN)/capsim

test: lint  ## lint, types and the test suite
	$(BIN)/python -m pytest -n 2

lint: $(STAMP)  ## ruff (lint and format) and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP)  ## let ruff repair what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

verify: $(STAMP)  ## the slow tests: heavy statistics against theory, one engine against the other
	$(BIN)/python -m pytest -n 2 -m slow

bench: $(STAMP)  ## timings, never part of a test: every goal, to docs/performance.md; a quarter of an hour
	-$(BIN)/python -m pip install --quiet --require-hashes -r requirements-bench.txt
	$(BIN)/python benchmarks/goals.py

LOCK := $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml

lock:  ## resolve the dependencies anew (pip install uv first); the files name no registry
	$(LOCK) --output-file requirements.txt
	$(LOCK) --extra dev --output-file requirements-dev.txt
	$(LOCK) --extra bench --constraints requirements-dev.txt --output-file requirements-bench.txt

clean:  ## remove caches and build products; results stay
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
