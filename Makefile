# What people type: make app, make test, make eval, make gate, make check.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Set this to PyTorch's processor-only package index where the plain build would bring GPU packages.
TORCH_INDEX ?=

.PHONY: app test eval gate check corpus index clean

app: index
	$(BIN)/python app.py

# Made once: documents that were added to it since stay.
index: indexes/default/CURRENT

indexes/default/CURRENT: | $(VENV)/installed
	$(BIN)/kb build

test: $(VENV)/installed
	$(BIN)/python -m pytest

check: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

# All own cases on the shipped corpus, in an index of its own: eval/reports/latest/report.html.
eval: $(VENV)/installed
	$(BIN)/kb eval report

# The same cases against the floor that eval/floor.toml holds.
gate: $(VENV)/installed
	$(BIN)/kb eval gate

corpus: $(VENV)/installed
	$(BIN)/python corpus/build.py

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
	  { echo "Python's venv module is missing; on Debian install it with: apt-get install python3-venv"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(if $(TORCH_INDEX),$(BIN)/pip install --quiet --index-url $(TORCH_INDEX) -c constraints.txt torch)
	$(BIN)/pip install --quiet -c constraints.txt torch
	$(BIN)/pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info indexes/default indexes/models
