VENV := .venv
PY := $(VENV)/bin/python
MOLQ := $(VENV)/bin/molq
MOLQ_DATA_DIR ?= $(abspath $(wildcard ../shared/datasets))
export MOLQ_DATA_DIR

.DEFAULT_GOAL := help
.PHONY: help demo test check models bench clean

help:  ## print this help
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: $(VENV)/.runtime  ## quantize the pretrained BACE model, write demo/report.html, screen 5,000 compounds
	$(PY) bench/demo.py

test: $(VENV)/.dev  ## formatting, lint, types and tests, from a bare checkout
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy molq
	OMP_NUM_THREADS=1 $(VENV)/bin/pytest -n 2 -m "not slow"

check: test  ## the same

models: $(VENV)/.dev  ## train and write models/*.molq
	$(PY) bench/make_models.py

bench: $(VENV)/.bench  ## print the tables of docs/benchmarks.md
	$(PY) bench/engine.py
	$(PY) bench/screen.py
	$(PY) bench/scaling.py
	$(PY) bench/faults.py

clean:  ## remove the virtual environment and what demo wrote
	rm -rf $(VENV) demo

$(VENV)/bin/python:
	python3 -m venv $(VENV)

$(VENV)/.runtime: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PY) -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PY) -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.runtime

$(VENV)/.bench: $(VENV)/.dev
	$(PY) -m pip install --quiet --constraint constraints.txt --editable '.[dev,bench]'
	@touch $@
