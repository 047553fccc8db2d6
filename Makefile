# What people type: make app, make test, make check, make eval, make gate.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Set this to PyTorch's processor-only package index where the plain build would bring GPU packages.
TORCH_INDEX ?=
# Tests run in so many processes at once, which pass on what they have not begun.
PROCESSES ?= 2
PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(PROCESSES) --dist worksteal

.PHONY: app test check lint types slow eval gate corpus index clean

app: index
	$(BIN)/python app.py

# Made once: documents that were added to it since stay.
index: indexes/default/CURRENT

indexes/default/CURRENT: | $(VENV)/installed
	$(BIN)/kb build

# The quick part: what needs neither a browser, nor LibreOffice, nor minutes.
test: $(VENV)/installed
	$(PYTEST) -m "not slow and not browser and not office"

# What continuous integration runs.
check: lint types test slow gate

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed
	$(BIN)/mypy

# The rest: a real browser (chromium, chromium-driver and axe-core), LibreOffice, the benchmark run small, killed and damaged indexes.
slow: $(VENV)/installed
	$(PYTEST) -m "slow or browser or office"

# All own cases on the shipped corpus, in an index of its own: eval/reports/latest/report.html.
eval: $(VENV)/installed
	$(BIN)/kb eval report

# The test cases against the floor that eval/floor.toml holds.
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
