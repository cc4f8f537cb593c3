# Everything a newcomer, a maintainer and CI run. Needs Python 3.11 or newer; uv is used where it is installed.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
# Tests run beside each other, in as many processes as there are cores: those without a broker one by one in four at most,
# those on the embedded broker file by file in two at most, each with a broker of its own.
ABREAST := -n auto --maxprocesses 4 --dist worksteal
BY_FILE := -n auto --maxprocesses 2 --dist loadfile
ALONE   := not broker and not kafka and not browser
UV     := $(shell command -v uv 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help venv demo check lint format test test-full kafka-up kafka-down bench chaos docs lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(STAMP) ## the Python environment in .venv, exactly as requirements.lock says

# The stamp is newer than what it was made from, or the environment is brought up to date.
$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed, this is %s; say make PYTHON=python3.12" % sys.version.split()[0])'
ifdef UV
	@test -x $(BIN)/python || $(UV) venv -q --python $(PYTHON) $(VENV)
	$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install -q --python $(BIN)/python --no-deps -e .
else
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
endif
	@touch $@

demo: $(STAMP) ## a day of signals in a minute, in this terminal (KEEP=1: it stays up afterwards)
	@$(BIN)/seinhuis demo $(if $(KEEP),--keep)

check: lint ## what is quick: lint, and the tests that need no broker, but for the thorough ones
	@$(BIN)/pytest -q $(ABREAST) -m "$(ALONE) and not thorough"

lint: $(STAMP) ## format, ruff, mypy strict, who may import whom
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(STAMP) ## puts the code in shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

test: $(STAMP) ## every test that needs nothing but Python (broker and database come as wheels)
	@$(BIN)/pytest $(ABREAST) -m "$(ALONE)"
	@$(BIN)/pytest $(BY_FILE) -m "broker and not kafka and not browser"

test-full: test ## make test, and the tests on a real Apache Kafka (Java 17, Maven, kcat) and in a real browser (Chromium)
	@$(BIN)/pytest -m "kafka or browser"

kafka-up: $(STAMP) ## leaves a real Apache Kafka running and prints what to set (PORT=9092)
	@$(BIN)/python -m tests.brokers up $(if $(PORT),--port $(PORT))

kafka-down: $(STAMP) ## stops it and forgets what it held
	@$(BIN)/python -m tests.brokers down

bench: $(STAMP) ## measures us and our peers on a real Apache Kafka (ARGS="--help"; takes long)
	@$(BIN)/python -m tests.bench $(ARGS)

chaos: $(STAMP) ## puts us to the proof under kills and pauses on a real Apache Kafka (ARGS="--seconds 60")
	@$(BIN)/python -m tests.chaos $(ARGS)

docs: $(STAMP) ## writes the documents that are drawn from the code
	@$(BIN)/python -m topics.asyncapi
	@$(BIN)/seinhuis agreements schema > docs/agreement.schema.json
	@$(BIN)/seinhuis agreements schema --part > docs/agreement-part.schema.json

lock: ## writes requirements.lock anew from pyproject.toml (needs uv)
	@test -n "$(UV)" || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	@$(UV) pip compile -q pyproject.toml --extra dev --extra bench --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url -o requirements.lock $(if $(UPGRADE),--upgrade)

clean: ## removes caches and .run (broker and database that still run are stopped first)
	@if test -x $(BIN)/python; then $(BIN)/python -m tests.brokers down; $(BIN)/seinhuis broker stop; $(BIN)/seinhuis database stop; fi
	rm -rf .run .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
