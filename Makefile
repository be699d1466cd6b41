# Two commands are all a new user needs: `make demo` and `make test`.
# PYTHON may name another interpreter (3.11 or 3.12): make demo PYTHON=python3.12
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
BIN := .venv/bin
# Files of tests run side by side; each is run by one process, for what its tests share.
SIDE_BY_SIDE := -n 2 --dist loadfile
# One OpenMP thread a core, asleep between parallel regions (a spinning wait cost 2.4x here).
export OMP_WAIT_POLICY ?= PASSIVE
export DO_NOT_TRACK ?= 1

.PHONY: help demo test quick check lint wheel notice lock clean

help: ## show the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: .venv/.core ## translate a real sample clip and say where the result is
	$(BIN)/f2f models pull demo
	$(BIN)/f2f demo

test: .venv/.dev ## set up and run all tests
	$(BIN)/f2f models pull test || echo "== not all weights are here: tests that need them are skipped"
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

quick: .venv/.dev ## the tests that take no more than a few seconds each
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not slow"

lint: .venv/.dev ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint quick ## what to run before each commit

wheel: .venv/.dev ## build the wheels of face-to-face and of its weights into dist/
	rm -rf build lipsync/weights/build # setuptools packs what lies there from an earlier build
	$(BIN)/python -m pip wheel --no-deps -w dist . ./lipsync/weights

notice: .venv/.dev ## write NOTICE anew from f2f/assets/third_party.yaml and the weights' catalogue
	$(BIN)/python -c "from f2f.delivery import licences; print(licences.notice(), end='')" > NOTICE

lock: .venv/.dev ## pin every package anew, with hashes, in requirements/ (UPGRADE=--upgrade: newest)
	$(BIN)/uv pip compile $(LOCK) --all-extras pyproject.toml -o requirements/dev.txt
	$(BIN)/uv pip compile $(LOCK) -c requirements/dev.txt pyproject.toml -o requirements/core.txt

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-package torch \
	--no-annotate --custom-compile-command "make lock" $(UPGRADE)

# torch comes first, by this exact pin and without a hash: a machine without a GPU takes another
# file than its index's (a range, or another installer, takes a CUDA build of several GB).
.venv/.torch:
	@echo "== making the environment in .venv with $(PYTHON)"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --upgrade pip
	@echo "== installing torch 2.13.0 (0.2 GB on a CPU machine)"
	$(BIN)/python -m pip install -q torch==2.13.0
	@touch $@

# The lock names everything: no dependency is looked for, and a file is taken only by its hash.
PINNED := $(BIN)/python -m pip install -q --no-deps --require-hashes -r

.venv/.core: .venv/.torch pyproject.toml requirements/core.txt
	@echo "== installing face-to-face and its dependencies"
	$(PINNED) requirements/core.txt
	$(BIN)/python -m pip install -q --no-deps -e .
	@touch $@

.venv/.dev: .venv/.core requirements/dev.txt
	@echo "== installing the extras and the development tools"
	$(PINNED) requirements/dev.txt
	@touch $@

clean: ## remove what was built (not the weights cache)
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
