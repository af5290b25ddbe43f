# make demo    the main job on real pictures, to look at: demo-out/index.html
# make test    everything the CI runs: checks, types, contracts, tests
# make check   the static part of it
# make bench   robustness and cold-start figures, into bench-out/
# make fuzz    every parser under atheris, SECONDS=60 each; findings in fuzz-out/
# make setup   the environment they all use, in .venv
#
# Needs Python 3.11 or newer and nothing else; PYTHON=/path/to/python picks one.

VENV := .venv
BIN := $(VENV)/bin
SOURCES := genlabel kernels cli tests benchmarks demo fuzz tools
SECONDS := 60
# Where compiled kernels are kept is tried in processes that choose their own settings: once will do.
KERNEL_TESTS := tests/kernels --ignore=tests/kernels/test_jit.py

.PHONY: help setup demo test check lint types contracts docstrings kernels suite bench fuzz exiftool clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | head -8

# What running needs, and on top of it what developing needs: the demo waits for the first only.
$(VENV)/.run: pyproject.toml
	@sh tools/venv.sh $(VENV)
	@echo "== installing genlabel into $(VENV)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "== installing the development tools into $(VENV)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[dev]'
	@touch $@

setup: $(VENV)/.dev

# The reference reader of metadata; without it the tests that ask it are skipped.
exiftool:
	@if ! command -v exiftool >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
	then \
		echo "== installing exiftool"; \
		timeout 300 sh -c 'apt-get install -y -qq libimage-exiftool-perl || \
			{ apt-get update -qq && apt-get install -y -qq libimage-exiftool-perl; }' \
			>/dev/null 2>&1 || echo "exiftool is not to be had; its tests will be skipped"; \
	fi

demo: $(VENV)/.run
	@$(BIN)/python -m demo

# PESQ comes as source: where no C compiler is, the tables do without it.
bench: $(VENV)/.dev
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -e '.[pesq]' 2>/dev/null || \
		echo "no PESQ: it takes a C compiler to install"
	@$(BIN)/python -m benchmarks

fuzz: $(VENV)/.dev
	@PYTHONPATH=. $(BIN)/python -m fuzz --seconds $(SECONDS)

# The suite comes last: its closing line is what a reader looks for.
test: setup exiftool
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory kernels
	@$(MAKE) --no-print-directory suite

check: setup
	@$(MAKE) --no-print-directory lint types contracts docstrings

lint:
	@echo "== format and lint (ruff)"
	@$(BIN)/ruff format --check --quiet $(SOURCES)
	@$(BIN)/ruff check --quiet $(SOURCES)

types:
	@echo "== types (mypy)"
	@$(BIN)/mypy

contracts:
	@echo "== architecture (import-linter)"
	@PYTHONPATH=kernels:cli $(BIN)/lint-imports --no-cache

docstrings:
	@echo "== docstrings (numpydoc)"
	@$(BIN)/numpydoc lint $$(find genlabel kernels cli -name '*.py')

kernels:
	@echo "== kernels as plain Python"
	@NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest $(KERNEL_TESTS)
	@echo "== kernels with bounds checks"
	@NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=$(CURDIR)/$(VENV)/cache/boundscheck \
		$(BIN)/python -m pytest $(KERNEL_TESTS)

# By files: fixtures that take long are made once for their module.
suite:
	@echo "== tests"
	@$(BIN)/python -m pytest -n auto --dist loadfile

clean:
	rm -rf $(VENV) build dist *.egg-info demo-out bench-out fuzz-out
