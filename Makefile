# make run    the demo city in a window (without a display: out/first-look.png)
# make test   everything that CI runs, with a private PostGIS
# make bench  our steps and their peers in one run, ratios printed   [BENCH_JSON=F] [ONLY=name]
# make lint   style, import directions, types        make setup  what the others call first
SHELL := bash
PY := .venv/bin/python
DEMO_STORE ?= out/demo.wangrid
TESTS ?= tests
# The suite's wall time is what counts on two cores; each worker has its own window system and database.
WORKERS ?= 2

.PHONY: run test fast bench lint setup pictures lock
setup:
	@tools/prepare.sh dev

run:
	@tools/prepare.sh run
	@mkdir -p out
	@$(PY) main.py --store $(DEMO_STORE) demo
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname -s)" = Darwin ]; then \
	   exec $(PY) main.py --store $(DEMO_STORE) desktop; \
	 else \
	   QT_QPA_PLATFORM=offscreen $(PY) main.py --store $(DEMO_STORE) desktop --size 1920x1080 \
	     --screenshot out/first-look.png; \
	 fi

test: setup
	@$(PY) -m pytest $(TESTS) -q -n $(WORKERS) --dist loadgroup

# What a developer runs between two commits: no servers, no pictures.
fast: setup
	@$(PY) -m pytest tests -q -x -n $(WORKERS) -m "not visual and not postgis and not slow"

lint: setup
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .
	@PYTHONPATH=. .venv/bin/lint-imports --no-cache
	@.venv/bin/mypy kernel resources gis census patrol

bench:
	@tools/prepare.sh bench
	@$(PY) -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(BENCH_JSON),--json $(BENCH_JSON))

# The manual's pictures are made by tests; this writes them into docs/pictures.
pictures: setup
	@WANGRID_PICTURES=docs/pictures $(PY) -m pytest tests/visual -q

# After a change of dependencies in pyproject.toml (needs uv).
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --no-header -q -o requirements.lock
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --no-header -q \
	  -c requirements.lock -o requirements-dev.lock
	uv pip compile pyproject.toml --group dev --group bench --universal --python-version 3.11 --no-header -q \
	  -c requirements-dev.lock -o requirements-bench.lock
