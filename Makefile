# make run     installs what is needed into .venv (once) and opens the app
# make test    the whole test suite            make check   format, lint, types, imports, fast tests
# make bench   the benchmarks                  make bench-planner   that of the planner alone
# make train   the starter models further, from the weights that are there
# make soak    the history under load, for MINUTES (10) and a few more
# BUILD=text|vision|cuda picks the build of llama.cpp; it is remembered.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MINUTES ?= 10
BUILD ?= $(or $(patsubst $(VENV)/.llama-%,%,$(wildcard $(VENV)/.llama-*)),text)
LLAMA := $(VENV)/.llama-$(BUILD)
APP := $(VENV)/.app
DEV := $(VENV)/.dev
SAY := echo "$(if $(wildcard $(APP)),Updating,Installing PyTorch and the rest into) $(VENV)." >&2
# Quiet where it only updates. setuptools warns at every editable install that it is one.
PIP := PYTHONWARNINGS=ignore $(BIN)/python -m pip install --disable-pip-version-check --no-input \
	--constraint constraints.txt $(if $(wildcard $(APP)),--quiet)

# Threads of libgomp that wait for each other spin, 10 to 50 times slower when another program wants a core.
export GOMP_SPINCOUNT ?= 1000

.PHONY: run install dev test check format bench bench-planner soak train lock clean
.DELETE_ON_ERROR:

run: $(APP)
	@$(BIN)/pentimento

install: $(APP)

dev: $(DEV)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Pentimento needs Python 3.11 or later; say which with: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv module is missing; install it first: sudo apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(LLAMA): packaging/llama_wheel.py packaging/no_common.cmake constraints.txt | $(BIN)/python
	@wheel=$$($(BIN)/python packaging/llama_wheel.py --build $(BUILD)) && \
		$(PIP) --quiet --no-deps --force-reinstall "$$wheel"
	@rm -f $(VENV)/.llama-* && touch $@

$(APP): pyproject.toml setup.py constraints.txt $(LLAMA)
	@$(SAY)
	@$(PIP) --editable .
	@touch $@

$(DEV): pyproject.toml setup.py constraints.txt $(LLAMA)
	@$(SAY)
	@$(PIP) --editable '.[dev]'
	@touch $(APP) $@

# MARK narrows the tests: make test MARK=slow
test: $(DEV)
	$(BIN)/python -m pytest $(if $(MARK),-m '$(MARK)')

# "make check test" runs the fast tests once, with the others.
check: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(if $(filter test,$(MAKECMDGOALS)),,$(BIN)/python -m pytest -m 'not slow')

format: $(DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV)
	$(BIN)/python -m pentimento.bench

bench-planner: $(DEV)
	$(BIN)/python -m pentimento.bench planner

# A thousand damaged models of each kind, ten thousand steps of random stories against a model, then turns at full speed.
soak: $(DEV)
	$(BIN)/python -m tests.tools.hostile_models 1000
	$(BIN)/python -m tests.memory.session_machine 10000
	$(BIN)/python -m tests.memory.soak $(MINUTES)

train: $(DEV)
	$(BIN)/python -m pentimento.starter

lock: $(DEV)
	@{ head -1 constraints.txt; $(BIN)/python -m pip list --format=freeze --exclude pentimento --exclude pip \
		| sed 's/+cpu$$//'; } > $(VENV)/constraints.txt && mv $(VENV)/constraints.txt constraints.txt

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache
