# Everything a fresh machine needs: `make bench` measures and writes the report, `make test` checks the project.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: bench test lint types tests docs perf clean

bench: $(VENV)/.installed
	$(BIN)/benchcomp run --codecs smic,jpeg,jp2k
	$(BIN)/benchcomp report

test: lint types tests

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

tests: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n auto

# Our figures against what a user would use instead, as ratios; wants an idle machine.
perf: $(VENV)/.installed-dev
	$(BIN)/python scripts/perf.py

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml $(VENV)/bin/pip
	$(BIN)/pip install --quiet .
	touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/bin/pip
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@ $(VENV)/.installed

docs: $(VENV)/.installed-dev
	$(BIN)/mkdocs build --strict

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
