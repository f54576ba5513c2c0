# The one front door. Every target sets up what it needs by itself; see CONTRIBUTING.md.
#
#   make run     set up, start everything, print the addresses (PORT=8000 SANGDAM_DATA_DIR=./var)
#   make test    set up what the tests need, then lint and all tests (ARGS="-k widget" narrows them)
#   make lint    ruff and mypy alone
#   make bench   measure, print a table, append to benchmarks/results/
#   make chaos   break the running system and check what was acknowledged (KILLS=1000 BOT=rasa)
#   make soak    50 messages a second for half an hour, in which nothing may grow (MINUTES=30)
#   make clean   remove both Python environments and all caches; your data in ./var stays

PYTHON ?= python3
SETUP = $(PYTHON) deploy/bootstrap.py
BIN = .venv/bin

# Matrices here are small: with several threads on busy cores each waits for the others, 20 times longer.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

# Packages are compiled when they are first used; without this every process would do it again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test lint bench chaos soak clean

help:
	@sed -n 's/^#   //p' Makefile

# One plain command, which becomes `sangdam up`: a signal to make must reach it, not a shell.
run:
	@$(SETUP) -- $(BIN)/sangdam up

# All three always run, so that one look shows everything that is wrong. The types are read in the
# time that tests wait, and what was found is said at the end.
test:
	@$(SETUP) --test
	@status=0; types=$$(mktemp); \
	$(BIN)/ruff check . || status=1; \
	nice $(BIN)/mypy >$$types 2>&1 & reading=$$!; \
	$(BIN)/python -m pytest -n 2 $(ARGS) || status=$$?; \
	wait $$reading || status=1; cat $$types; rm $$types; \
	exit $$status

lint:
	@$(SETUP) --test
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench:
	@$(SETUP) -- $(BIN)/python -m benchmarks $(ARGS)

chaos:
	@$(SETUP) -- $(BIN)/python -m tests.chaos

soak:
	@$(SETUP) -- $(BIN)/python -m tests.chaos.soak

clean:
	rm -rf .venv bot/.venv .bootstrap.lock build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +
