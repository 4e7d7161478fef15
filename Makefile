# Everything that people and CI call; each target sets up what it needs.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BENCH_VENV ?= .venv-bench
BENCH_STAMP := $(BENCH_VENV)/.installed
FUZZ_VENV ?= .venv-fuzz
FUZZ_STAMP := $(FUZZ_VENV)/.installed
FUZZ_SECONDS ?= 60
LETTA_VENV := .venv-letta
LETTA_STAMP := $(LETTA_VENV)/.installed
LETTA_LIVE := plugins/letta/live
FUZZERS := $(patsubst tests/fuzz/fuzz_%.py,%,$(wildcard tests/fuzz/fuzz_*.py))
PLUGINS := $(wildcard plugins/*)

.PHONY: demo test ordinary test-thorough test-all docs picture coverage chaos lint types audit check-lock bench bench-mem0 bench-resync bench-sql bench-json bench-ledgers bench-footprint bench-scale chaos-ray limiter-trace profile bench-lock lock schema fuzz record live-letta record-letta letta-lock clean help

help:
	@echo "make demo    import the example memories into a local sandbox"
	@echo "make test    format, lint, types, audit, and all tests but those that take long"
	@echo "make test-thorough  the tests that take long by nature: sizes, seeds, kills, installing"
	@echo "make test-all  both"
	@echo "make coverage  the tests again, with the lines and branches that they reach"
	@echo "make audit   ask the advisory database about the pinned dependencies"
	@echo "make chaos   a thousand imports with faults and crashes: nothing lost, nothing twice"
	@echo "make chaos-ray  fifty imports on Ray whose workers, command and database are killed"
	@echo "make bench   measure throughput and memory (docs/performance.md)"
	@echo "make bench-mem0  measure reading of a Mem0 Platform beside the bare requests"
	@echo "make bench-resync  measure a re-sync of 100 changes beside reading alone (docs/resync.md)"
	@echo "make bench-sql  measure reading of a table from a PostgreSQL that it starts"
	@echo "make bench-json  measure reading and mapping of JSON Lines and of one large array"
	@echo "make bench-ledgers  measure what a record costs in the ledger, on SQLite and on PostgreSQL"
	@echo "make bench-footprint  measure what an installation takes, and how soon --help is there"
	@echo "make bench-scale  measure 1, 2 and 4 workers on Ray, and one limit for all of them"
	@echo "make profile show where the time of an import goes"
	@echo "make fuzz    hand random bytes to every reader, for FUZZ_SECONDS (60) in all"
	@echo "make record SOURCE=mem0  record a cassette of your own account (docs/cassettes.md)"
	@echo "make live-letta  read a real Letta V1 server, and compare with its database (plugins/letta/live)"
	@echo "make record-letta  record its cassettes anew"
	@echo "make lock    pin the dependencies anew (requirements.lock)"
	@echo "make docs    build the documentation site (site/index.html)"
	@echo "make picture  draw the picture of the README anew"
	@echo "make schema  write the schemas of records, reports and mapping files anew (docs/*.schema.json)"

$(STAMP): requirements.lock pyproject.toml $(wildcard plugins/*/pyproject.toml)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		$(foreach path,. $(PLUGINS),--editable ./$(path))
	@touch $@

demo: $(STAMP)
	@$(BIN)/synap-import json examples/memories.jsonl --user-map examples/users.csv \
		--to sandbox --workdir .demo --new-job

# Half of a run is waiting, so four at once fit on two cores. Where Python may not keep what it
# compiled, each of the four compiles every test anew: 20 s of the machine, each time.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n 4 --dist worksteal

# Types take one of the cores for a while, so they are checked beside the tests.
test: lint
	@$(MAKE) --no-print-directory --jobs=3 types audit ordinary

ordinary: $(STAMP)
	$(PYTEST) -m "not thorough"

# Here each process that a test starts is a new Python (see tests/support/warm.py).
test-thorough: $(STAMP)
	SYNAP_IMPORT_COLD=1 $(PYTEST) -m thorough

test-all: test test-thorough

# Takes several times as long: only a new Python is measured from its first line on.
coverage: $(STAMP)
	$(BIN)/coverage erase
	SYNAP_IMPORT_COLD=1 $(PYTEST) --cov --cov-report=term:skip-covered

chaos: $(STAMP)
	@printf '%s\n' 0:250 250:250 500:250 750:250 | xargs -P 4 -I{} env CHAOS={} \
		$(BIN)/python -m pytest -o tmp_path_retention_policy=failed tests/faults/chaos/test_stories.py

chaos-ray: $(STAMP)
	@printf '%s\n' 0:25 25:25 | xargs -P 2 -I{} env RAY_STORMS={} \
		$(BIN)/python -m pytest -o tmp_path_retention_policy=failed tests/faults/test_ray_storms.py

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

# The code itself is audited by ruff's rules S (bandit's) in lint.
audit: $(STAMP)
	@$(BIN)/python tests/security/advisories.py requirements.lock

bench: $(STAMP) $(BENCH_STAMP)
	$(BIN)/python benchmarks/throughput.py $(BENCH)

bench-mem0: $(STAMP)
	$(BIN)/python benchmarks/mem0_platform.py $(BENCH)

bench-sql: $(STAMP)
	@PYTHONPATH=tests $(BIN)/python benchmarks/sql.py $(BENCH)

bench-resync: $(STAMP)
	$(BIN)/python benchmarks/resync.py $(BENCH)

bench-ledgers: $(STAMP)
	@PYTHONPATH=tests $(BIN)/python benchmarks/ledgers.py $(BENCH)

bench-json: $(STAMP)
	$(BIN)/python benchmarks/json_reading.py $(BENCH)

bench-footprint: $(STAMP)
	@PYTHONPATH=tests $(BIN)/python benchmarks/footprint.py

bench-scale: $(STAMP)
	@PYTHONPATH=tests $(BIN)/python benchmarks/engine_scaling.py $(BENCH)

profile: $(STAMP)
	$(BIN)/python benchmarks/profile_import.py

limiter-trace: $(STAMP)
	@PYTHONPATH=tests $(BIN)/python benchmarks/limiter_trace.py

# dlt, one of the contenders, in an environment of its own.
$(BENCH_STAMP): benchmarks/requirements.txt
	$(PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	@touch $@

bench-lock: $(STAMP)
	echo 'dlt==1.31.0' | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 - -o benchmarks/requirements.txt

# atheris has wheels for few Pythons (3.11 to 3.13 on Linux), so it is not among what tests need.
$(FUZZ_STAMP): requirements.lock tests/fuzz/requirements.txt
	$(PYTHON) -m venv $(FUZZ_VENV)
	$(FUZZ_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
		-r requirements.lock -r tests/fuzz/requirements.txt
	$(FUZZ_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		$(foreach path,. $(PLUGINS),--editable ./$(path))
	@touch $@

fuzz: $(FUZZ_STAMP)
	@for fuzzer in $(FUZZERS); do \
		mkdir -p .fuzz/$$fuzzer && echo "$$fuzzer" && PYTHONPATH=tests $(FUZZ_VENV)/bin/python \
			-m fuzz.fuzz_$$fuzzer .fuzz/$$fuzzer -artifact_prefix=.fuzz/$$fuzzer- -verbosity=0 -timeout=30 \
			-max_total_time=$$(( ($(FUZZ_SECONDS) + 4) / $(words $(FUZZERS)) )) || exit 1; \
	done

picture: $(STAMP)
	$(BIN)/python docs/site/picture.py

# The site can be read from disk: site/index.html. Its search wants a server, as it will have one
# where it is published: python3 -m http.server --directory site
docs: $(STAMP)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

schema: $(STAMP)
	$(BIN)/python -c "import json; from synap_import.records import record_schema; \
		print(json.dumps(record_schema(), indent=2))" > docs/record.schema.json
	$(BIN)/python -c "import json; from synap_import.report.json_form import report_schema; \
		print(json.dumps(report_schema(), indent=2))" > docs/report.schema.json
	$(BIN)/python -c "import json; from synap_import.mapping import mapping_schema; \
		print(json.dumps(mapping_schema(), indent=2))" > docs/mapping.schema.json

# RECORD holds further options: RECORD='--base-url URL --pages 1'; RECORD=--help lists them.
record: $(STAMP)
	@$(BIN)/python -m synap_import.testing.recording $(SOURCE) $(RECORD)

# Letta's retired server, with a PostgreSQL that has wheels for Python 3.11 and 3.12 only.
$(LETTA_STAMP): $(STAMP) $(LETTA_LIVE)/requirements.txt
	$(BIN)/uv venv --quiet --clear --no-python-downloads --python '>=3.11,<3.13' $(LETTA_VENV)
	$(BIN)/uv pip install --quiet --python $(LETTA_VENV) --require-hashes --no-deps \
		-r $(LETTA_LIVE)/requirements.txt
	@touch $@

live-letta: $(LETTA_STAMP)
	@PYTHONPATH=plugins/letta $(BIN)/python -m live.compare

record-letta: $(LETTA_STAMP)
	@PYTHONPATH=plugins/letta $(BIN)/python -m live.record

# As of the server's last days: what was published later does not fit it.
letta-lock: $(STAMP)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 --exclude-newer 2026-05-20 \
		$(LETTA_LIVE)/requirements.in -o $(LETTA_LIVE)/requirements.txt

# The lock names versions and hashes only; it is made with `uv pip compile`.
lock: $(STAMP)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 --group dev --all-extras --no-emit-package synap-import --no-emit-package pip \
		$(foreach path,$(PLUGINS),--no-emit-package synap-import-$(notdir $(path))) \
		pyproject.toml $(wildcard plugins/*/pyproject.toml) -o requirements.lock

clean:
	rm -rf $(VENV) $(BENCH_VENV) $(FUZZ_VENV) $(LETTA_VENV) .fuzz .live-letta .demo
