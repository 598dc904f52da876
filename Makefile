# Two commands: `make run` serves Paraph, `make test` proves it. Both set up what they need inside this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
# the package itself is linked, not copied, so that the code that runs is the code you read
LINK := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .

.PHONY: run test check lint types contracts unit bench crash bench-soak bench-scale fuzz messages lock clean test-long screenshots

run: $(VENV)/.run
	@exec $(BIN)/paraph serve

test: $(VENV)/.dev
	@./tests/install_tools
	@$(MAKE) --no-print-directory check

# types are checked while tests wait for processes, pages and disks
check: lint contracts
	@$(MAKE) --no-print-directory -j 2 types unit

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

contracts:
	$(BIN)/lint-imports

# one more process than this suite is made for has cores: tests wait for processes, pages and disks; a fourth gains nothing
unit:
	$(BIN)/pytest -n 3 --dist worksteal

# what takes long besides: several hosts, every release on both engines, every step of a crash, load from elsewhere
test-long: export PARAPH_LONG_TESTS := 1
test-long: test

# all cases, or `make bench ONLY="oauth start"`; BENCH_QUICK=1 for the short form: bench/README.md
bench: $(VENV)/.dev
	$(BIN)/python -m bench $(ONLY)

# the whole flow for an hour (BENCH_SOAK_SECONDS), memory watched
bench-soak: export BENCH_SOAK_SECONDS ?= 3600
bench-soak: export BENCH_DESCRIPTION ?= soak
bench-soak: $(VENV)/.dev
	$(BIN)/python -m bench flow

# what calls cost with 10^3 and 10^6 rows of each kind, on both engines; BENCH_SCALE=20000 for a smaller one
bench-scale: $(VENV)/.dev
	$(BIN)/python -m bench.scale

# what the browser tests see, on phone, tablet and desk, by light and dark: tests/artefacts
screenshots: $(VENV)/.dev
	PARAPH_TEST_SCREENSHOTS=1 $(BIN)/pytest -n 2 -k "browser" tests

# hostile input on both engines, FUZZ_SECONDS for each target and ten times as long for the API: docs/hostile-input.md
FUZZ_SECONDS ?= 60
fuzz: export PARAPH_CONTRACT_SECONDS ?= $(shell expr 10 \* $(FUZZ_SECONDS))
fuzz: export PARAPH_MACHINE_EXAMPLES ?= $(FUZZ_SECONDS)
fuzz: export PARAPH_HOSTILE_EXAMPLES ?= $(shell expr 50 \* $(FUZZ_SECONDS))
fuzz: export PARAPH_GROWTH_INPUTS ?= 100000
fuzz: $(VENV)/.fuzz
	@for target in $$($(BIN)/python -m tests.hostile.fuzz.targets); do \
	  $(BIN)/python -m tests.hostile.fuzz.run $$target --seconds $(FUZZ_SECONDS) || exit 1; done
	$(BIN)/pytest tests/hostile

# web, worker and database killed at random, so often on each engine; PARAPH_CRASH_SEED repeats the seed it prints
PARAPH_CRASH_ROUNDS ?= 300

crash: $(VENV)/.dev
	PARAPH_CRASH_ROUNDS=$(PARAPH_CRASH_ROUNDS) $(BIN)/pytest -s tests/crash

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Paraph needs Python 3.11 or later; $(PYTHON) is older. Use: make $(MAKECMDGOALS) PYTHON=python3.x"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing Paraph into $(VENV) (once) ..."
	@$(INSTALL) -r requirements.lock
	@$(LINK)
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing Paraph and its test tools into $(VENV) (once) ..."
	@$(INSTALL) -r requirements-dev.lock
	@$(LINK)
	@touch $@ $(VENV)/.run

$(VENV)/.fuzz: requirements-fuzz.lock $(VENV)/.dev
	@$(INSTALL) -r requirements-fuzz.lock
	@touch $@

# the sentences of the source into every catalogue; what is new then waits there for its translation
messages: $(VENV)/.dev
	$(BIN)/pybabel -q extract -F babel.cfg -k N_ --add-location=never --no-wrap --omit-header \
	  -o paraph/locales/paraph.pot .
	$(BIN)/pybabel -q update -i paraph/locales/paraph.pot -d paraph/locales -D paraph \
	  --no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

# needs uv; pins every package with its hashes, for every platform
lock:
	uv pip compile -q --no-emit-index-url --generate-hashes --universal --python-version 3.11 --no-header \
	  pyproject.toml --group build -o requirements.lock
	uv pip compile -q --no-emit-index-url --generate-hashes --universal --python-version 3.11 --no-header \
	  pyproject.toml --group build --group dev -o requirements-dev.lock
	uv pip compile -q --no-emit-index-url --generate-hashes --universal --python-version 3.11 --no-header \
	  --group fuzz -o requirements-fuzz.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
