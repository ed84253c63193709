# make demo   shoots storyboards/lighthouse.yaml with the sandbox: no key, no account, no ffmpeg needed
# make studio opens a desk: Prefect's page with a worker, the films, all deployments; its runs are kept in out/studio
# make test   runs the tests, in under five minutes
# make walk   runs the long ones: a browser, PostgreSQL, kills on a bucket, machines that are lost
# make lint   checks style, types and the floors of the house
# make fmt    formats
# make help   says all this
# make schemas   writes the JSON schemas in the docs
# Each sets up .venv first when it is missing or older than what it is made from.

PYTHON ?= python3
BIN := .venv/bin
# What a person has set for the real API must not reach a rehearsal or a test.
CLEAN := env -u XAI_API_KEY -u XAI_BASE_URL -u STORYREEL_CATALOG -u PREFECT_API_URL

# What there is to make.
help:
	@sed -n 's/^# make /make /p' $(MAKEFILE_LIST)

.PHONY: help demo studio test walk browser pictures schemas lint fmt setup clean
.DEFAULT_GOAL := demo

setup: .venv/.ready

# The group `dev` of pyproject.toml, in words for every pip: those before 25.1 know no `--group`.
DEV := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")

.venv/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "storyreel needs Python 3.11 or newer; say which one with: make PYTHON=python3.11"; exit 1; }
	@echo "Setting up .venv, which takes a minute or two, once"
	$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -c '$(DEV)' >.venv/dev.txt
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check -e . -r .venv/dev.txt
	@touch $@

demo: .venv/.ready
	@$(CLEAN) STORYREEL_VAULT=file:out/demo/vault STORYREEL_SANDBOX=out/demo/sandbox PREFECT_HOME="$(CURDIR)/out/demo/prefect" \
		$(BIN)/storyreel shoot storyboards/lighthouse.yaml --sandbox --out out

# A desk is for producing films, so a key of the real API is used. What is paid for then goes to the person's own vault:
# a folder that `make clean` removes is no place for it.
studio: .venv/.ready
	@env -u PREFECT_API_URL $(if $(XAI_API_KEY),,STORYREEL_VAULT="file:$(CURDIR)/out/studio/vault") \
		STORYREEL_SANDBOX="$(CURDIR)/out/studio/sandbox" $(BIN)/storyreel studio --folder out/studio/desk

test: .venv/.ready
	$(CLEAN) $(BIN)/python -m pytest -m "not long" -n 3 --dist loadfile --no-loadscope-reorder

# The tests look at Prefect's page with a real browser: the one that is there, else Debian's, else one of Playwright's.
BROWSERS := chromium chromium-browser google-chrome google-chrome-stable
browser: .venv/.ready
	@for name in $(BROWSERS); do command -v $$name >/dev/null && exit 0; done; echo "Installing Chromium, once"; \
		{ test "$$(id -u)" = 0 && apt-get update && apt-get install -y --no-install-recommends chromium; } >/dev/null 2>&1 \
		|| $(BIN)/playwright install chromium

# Long journeys: a browser before Prefect's page, PostgreSQL, kills with the vault in a bucket, a machine that is lost.
walk: .venv/.ready browser
	$(CLEAN) $(BIN)/python -m pytest -m long -n 2 --dist loadfile --no-loadscope-reorder

# The pictures of Prefect's page in the docs, taken anew.
pictures: .venv/.ready browser
	mkdir -p docs/walk
	$(CLEAN) WALK_PICTURES=docs/walk $(BIN)/python -m pytest tests/walk

# The JSON schemas in the docs, written anew from the data that they describe.
schemas: .venv/.ready
	$(BIN)/python -m tests.schemas

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
