# make demo   shoots storyboards/lighthouse.yaml with the sandbox: no key, no account, no ffmpeg needed
# make test   runs the tests
# make lint   checks style, types and the floors of the house
# make fmt    formats
# Each sets up .venv first when it is missing or older than what it is made from.

PYTHON ?= python3
BIN := .venv/bin
# What a person has set for the real API must not reach a rehearsal or a test.
CLEAN := env -u XAI_API_KEY -u XAI_BASE_URL -u STORYREEL_CATALOG -u PREFECT_API_URL

.PHONY: demo test lint fmt setup clean
.DEFAULT_GOAL := demo

setup: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "storyreel needs Python 3.11 or newer; say which one with: make PYTHON=python3.11"; exit 1; }
	@echo "Setting up .venv, which takes a minute or two, once"
	$(PYTHON) -m venv --clear .venv
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	@touch $@

demo: .venv/.ready
	@$(CLEAN) STORYREEL_VAULT=file:out/demo/vault STORYREEL_SANDBOX=out/demo/sandbox PREFECT_HOME="$(CURDIR)/out/demo/prefect" \
		$(BIN)/storyreel shoot storyboards/lighthouse.yaml --sandbox --out out

test: .venv/.ready
	$(CLEAN) $(BIN)/python -m pytest -n 2 --dist loadgroup

lint: .venv/.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: .venv/.ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv out dist build
