SHELL := bash
.SHELLFLAGS := -o pipefail -c
VENV := .venv
PY := $(VENV)/bin/python
MOLQ := $(VENV)/bin/molq
MOLQ_DATA_DIR ?= $(abspath $(wildcard ../shared/datasets))
export MOLQ_DATA_DIR
# one process of tests more than cores: they often wait, for a browser, a worker or a moment to kill it
TESTERS := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
# compiled Python is kept: tests start molq hundreds of times
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test slow check models bench calibration clean

help:  ## print this help
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

demo: $(VENV)/.runtime  ## quantize the pretrained BACE model, screen 5,000 compounds, write demo/report.html and demo/hits.html
	$(PY) bench/demo.py

test: $(VENV)/.dev  ## formatting, lint, types and tests, from a bare checkout
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	@# mypy has one core; meanwhile another compiles what every process of the tests needs
	$(VENV)/bin/mypy & types=$$!; $(PY) tests/compile_first.py; wait $$types
	@# neighbours share fixtures: each worker starts on a part, and takes from another's when done
	OMP_NUM_THREADS=1 $(VENV)/bin/pytest -n $(TESTERS) --dist worksteal -m "not slow"

check: test  ## the same

slow: $(VENV)/.dev  ## the tests that take more than 20 seconds each
	OMP_NUM_THREADS=1 $(VENV)/bin/pytest -n $(TESTERS) --dist worksteal -m slow

models: $(VENV)/.dev  ## train and write models/*.molq
	$(PY) bench/make_models.py

bench: $(VENV)/.bench  ## two hours: print the tables of README.md and of docs on speed, faults, files and clusters, and put them there
	mkdir -p bench/out
	$(PY) bench/engine.py | tee bench/out/engine.md
	ONEDNN_MAX_CPU_ISA=AVX512_CORE_VNNI $(PY) bench/engine.py --rounds 1 --skip torch.compile | tee bench/out/engine-vnni.md
	$(PY) bench/screen.py | tee bench/out/screen.md
	$(PY) bench/fast_path.py | tee bench/out/fast-path.md
	$(PY) bench/calibset_speed.py | tee bench/out/calibset-speed.md
	$(PY) bench/readers.py | tee bench/out/readers.md
	$(PY) bench/wide.py | tee bench/out/wide.md
	$(PY) bench/scaling.py | tee bench/out/scaling.md
	$(PY) bench/faults.py | tee bench/out/faults.md
	$(PY) bench/chemprop_v1.py | tee bench/out/chemprop-v1.md
	test ! -d ../shared/checkpoints || $(PY) bench/checkpoints.py | tee bench/out/checkpoints.md
	$(PY) bench/kinds.py
	$(PY) bench/cluster.py | tee bench/out/cluster.md
	$(PY) bench/ray_cluster.py | tee bench/out/ray.md
	$(PY) bench/stores.py --rows 10000 | tee bench/out/stores.md
	$(PY) bench/space.py
	$(PY) bench/serve.py --load 60
	$(PY) bench/serve.py
	$(PY) bench/contributions.py
	$(PY) bench/tables.py

calibration: $(VENV)/.bench  ## hours: print the tables of docs/calibration.md, validation.md, applicability.md and low_bits.md, and put them there
	mkdir -p bench/out
	$(PY) bench/study_models.py
	$(PY) bench/defaults.py | tee bench/out/defaults.md
	$(PY) bench/calibration_study.py --figure docs/img/calibration.svg
	$(PY) bench/low_bits.py
	$(PY) bench/applicability.py
	$(PY) bench/validate_power.py --faulty 100 | tee bench/out/power.md
	$(PY) bench/validate_power.py --faulty 100 --model models/bace-dmpnn.molq | tee bench/out/power-model.md
	$(PY) bench/partial_power.py | tee bench/out/partial-power.md
	$(PY) bench/tables.py

clean:  ## remove the virtual environment and what demo wrote
	rm -rf $(VENV) demo

$(VENV)/bin/python:
	python3 -m venv $(VENV)

$(VENV)/.runtime: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PY) -m pip install --quiet --constraint constraints.txt --editable '.[serve]'
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PY) -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.runtime

$(VENV)/.bench: $(VENV)/.dev
	$(PY) -m pip install --quiet --constraint constraints.txt --editable '.[dev,bench]'
	@touch $@
