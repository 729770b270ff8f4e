# Each target makes its own virtual environment when there is none.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PARITY := .venv-parity
ASSETS  = $(or $(STENOGRAF_TEST_ASSETS),../shared/assets)

.PHONY: demo test quick check parity bench release clean

# Transcribe a made conversation and print who said what.
demo: $(VENV)/.demo
	$(BIN)/python demo/run.py

# Every test but those that need torch.
test: $(VENV)/.test
	$(BIN)/python -m pytest --durations=25

# The unit tests alone, on all cores.
quick: $(VENV)/.test
	$(BIN)/python -m pytest -q -n auto --dist loadfile -m 'not e2e and not parity'

# The same numbers as pyannote.audio and openai-whisper: brings torch into an environment of its own.
parity: $(PARITY)/.ready
	$(PARITY)/bin/python -m pytest -m parity tests/engines tests/models tests/contract

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.messages --check
	$(BIN)/python -m tools.errors --check
	$(BIN)/python -m tools.pages --check

# All benchmarks, or those in NAMES: make bench NAMES="vad decode"
bench: $(VENV)/.test
	$(BIN)/python -m benchmarks $(ASSETS) $(NAMES)

# Wheel, sdist, bill of materials, licences and checksums in dist/; the version is the tag's.
release: $(VENV)/.test
	$(BIN)/python -m tools.release

clean:
	rm -rf $(VENV) $(PARITY) demo/out dist

$(VENV)/bin/python $(PARITY)/bin/python:
	$(PYTHON) -m venv $(@D)/..

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[offline]'
	touch $@

$(VENV)/.test: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[test,check]'
	touch $@ $(VENV)/.demo

# torchaudio's wheel is linked with CUDA; without these parts it imports beside a torch for processors.
$(PARITY)/.ready: $(PARITY)/bin/python pyproject.toml requirements/parity.txt
	$(PARITY)/bin/python -m pip install --quiet --requirement requirements/parity.txt --editable '.[test]'
	$(PARITY)/bin/python -c "import torch; raise SystemExit(torch.version.cuda is None)" \
		|| rm -f $(PARITY)/lib/python3*/site-packages/torchaudio/lib/*.so
	touch $@
