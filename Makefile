# The two commands of the README are `make up` and `make test`; the rest serves development.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help install install-dev up down test tests faults-long faults-writer fuzz explore crowd lint types check lock bench-pipeline bench-gateway bench-writer bench-sizes bench-query bench-tail trust-validation bench-processors faults-processors

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Promethios needs Python 3.11 or newer, this is %d.%d: install a newer one and run `make PYTHON=python3.11 ...`." % sys.version_info[:2])'
	@$(PYTHON) -m venv $(VENV) || { echo "Python has no venv module: install it (Debian: apt-get install python3-venv) and run make again."; exit 1; }
	@touch $@

$(VENV)/.installed: $(VENV)/.python requirements.lock pyproject.toml
	@echo "Installing Promethios into $(VENV) (the first time takes a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.installed ## make .venv with everything that Promethios needs

install-dev: $(VENV)/.installed-dev ## the same, and what the tests need

up: install ## start the whole stack in the foreground
	@$(BIN)/promethios up $(ARGS)

down: install ## stop a stack that runs in the background
	@$(BIN)/promethios down $(ARGS)

test: install-dev lint ## run all checks and all tests
	@$(MAKE) --no-print-directory -j 2 types tests

# Beside the types, which one process checks: much of what the tests do is to wait.
# What was compiled is kept, whatever the environment says: workers and services start some hundred times.
tests: export PYTHONDONTWRITEBYTECODE =
tests: install-dev
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

faults-long: install-dev ## Kafka gone for 30 and 120 seconds, gateways that hang; takes seven minutes
	@$(BIN)/python -m pytest tests/faults/long_gateway_hang.py tests/faults/long_kafka_outage.py $(ARGS)

faults-processors: install-dev ## fifty seeded lives of workers that are killed, hang and rebalance; takes an hour
	@$(BIN)/python -m pytest tests/faults/long_worker_lives.py tests/faults/long_broker_outage.py $(ARGS)

crowd: install-dev ## the gateway beside 10,000 idle and 200 slow connections; takes a minute
	@PROMETHIOS_CROWD_IDLE=10000 PROMETHIOS_CROWD_SLOW=200 $(BIN)/python -m pytest -s tests/integration/test_gateway_crowd.py $(ARGS)

faults-writer: install-dev ## the writer killed at four places, 25 seeds each, ClickHouse that hangs or has no room, restarts of all; half an hour
	@$(BIN)/python -m pytest tests/faults/long_writer_kills.py tests/faults/long_clickhouse_hang.py \
		tests/faults/long_full_disk.py tests/faults/long_restart.py $(ARGS)

fuzz: install-dev ## generated requests at both services, and bytes at the decoders; about fifteen minutes
	@$(BIN)/python -m tests.fuzz $(ARGS)
	@$(BIN)/python -m pytest --hypothesis-profile=long --timeout=900 tests/ingest_gateway/test_hostile_reports.py \
		tests/ingest_gateway/test_decode.py tests/ingest_gateway/otlp/test_hostile_input.py

explore: install-dev ## all property tests with examples that were never tried; takes five minutes
	@$(BIN)/python -m pytest -n 2 -m hypothesis --hypothesis-profile=explore $(ARGS)

lint: install-dev ## style, and the shape of the code
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: install-dev ## mypy, strict, tests too
	@$(BIN)/mypy .

check: lint types ## lint and types

bench-pipeline: install-dev ## the whole way under load; prints a report
	@$(BIN)/python -m benchmarks.pipeline $(ARGS)

bench-gateway: install-dev ## the gateway beside the OpenTelemetry Collector (needs Go and wrk); prints tables
	@$(BIN)/python -m benchmarks.gateway $(ARGS)

bench-query: install-dev ## the query API over 100 million log rows; some 20 GB of disk and half an hour
	@$(BIN)/python -m benchmarks.query $(ARGS)

bench-tail: install-dev ## from the gateway's 202 to 500 open live tails; a minute
	@$(BIN)/python -m benchmarks.tail $(ARGS)

bench-processors: install-dev ## the trust processors beside a raw loop with the same rules; prints tables
	@$(BIN)/python -m benchmarks.processors $(ARGS)

bench-sizes: install-dev ## bytes an event on the disk, by kind and age; a minute
	@$(BIN)/python -m benchmarks.row_sizes $(ARGS)

bench-writer: install-dev ## the writer beside a raw insert of the same bytes; prints a table
	@$(BIN)/python -m benchmarks.writer $(ARGS)

trust-validation: install-dev ## the trust score on a simulated fleet; about a quarter of an hour on one core
	@$(BIN)/python -m benchmarks.trust $(ARGS)

lock: install-dev ## renew the lock files from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra dev -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements-dev.lock
