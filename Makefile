# make demo   shoots storyboards/lighthouse.yaml with the sandbox: no key, no account, no ffmpeg needed
# make studio opens a desk: Prefect's page with a worker, the films, all deployments; its runs are kept in out/studio
# make test   runs the tests, in under five minutes
# make walk   runs the long ones: a browser, PostgreSQL, kills on a bucket, machines that are lost
# make lint   checks style, types and the floors of the house
# make fmt    formats
# make docs   writes what the docs have from the program: schemas, tables of fields, codes
# make site   builds the docs as a site into out/site, without a network
# make setup  sets up .venv and does nothing else
# make help   says all this
# make test PYTHON=python3.12   the same with another Python, in an environment of its own: .venv-3.12
# make test-lowest   runs the tests with the lowest versions that pyproject.toml allows
# Each sets up .venv first when it is missing or older than what it is made from.

# A Python that is named has an environment of its own. Else it is the first one here that is new enough.
ifdef PYTHON
VENV := .venv-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
else
VENV := .venv
PYTHON = $(or $(shell for each in python3 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done),python3)
endif
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# What a person has set for the real API must not reach a rehearsal or a test. What Python has compiled is kept: hundreds
# of processes start, and each would compile all of it anew.
CLEAN := env -u XAI_API_KEY -u XAI_BASE_URL -u STORYREEL_CATALOG -u PREFECT_API_URL -u PYTHONDONTWRITEBYTECODE
TEST := -m pytest -m "not long" -n 4 --dist loadfile --no-loadscope-reorder

# What there is to make.
help:
	@sed -n 's/^# make /make /p' $(MAKEFILE_LIST)

.PHONY: help demo studio test test-lowest walk browser pictures docs site lint fmt setup clean
.DEFAULT_GOAL := demo

setup: $(READY)

# The group `dev` of pyproject.toml, in words for every pip: those before 25.1 know no `--group`.
DEV := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")

# Make an environment; put into it what the code and its tests need, in versions that a file of constraints names.
define begin
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "storyreel needs Python 3.11 or newer; say which one with: make PYTHON=python3.11"; exit 1; }
	@echo "Setting up $(1), which takes a minute or two, once"
	$(PYTHON) -m venv --clear $(1)
	@$(1)/bin/python -c '$(DEV)' >$(1)/dev.txt
endef
define install
	PIP_CONSTRAINT=$(2) $(1)/bin/python -m pip install --quiet --disable-pip-version-check -e . -r $(1)/dev.txt
	@touch $(1)/.ready
endef

$(READY): pyproject.toml constraints.txt
	$(call begin,$(VENV))
	$(call install,$(VENV),constraints.txt)

.venv-lowest/.ready: pyproject.toml constraints.txt tests/lowest.py
	$(call begin,.venv-lowest)
	.venv-lowest/bin/python tests/lowest.py >.venv-lowest/constraints.txt
	$(call install,.venv-lowest,.venv-lowest/constraints.txt)

demo: $(READY)
	@$(CLEAN) STORYREEL_VAULT=file:out/demo/vault STORYREEL_SANDBOX=out/demo/sandbox PREFECT_HOME="$(CURDIR)/out/demo/prefect" \
		$(BIN)/storyreel shoot storyboards/lighthouse.yaml --sandbox --out out

# A desk is for producing films, so a key of the real API is used. What is paid for then goes to the person's own vault:
# a folder that `make clean` removes is no place for it.
studio: $(READY)
	@env -u PREFECT_API_URL $(if $(XAI_API_KEY),,STORYREEL_VAULT="file:$(CURDIR)/out/studio/vault") \
		STORYREEL_SANDBOX="$(CURDIR)/out/studio/sandbox" $(BIN)/storyreel studio --folder out/studio/desk

test: $(READY)
	$(CLEAN) $(BIN)/python $(TEST)

# Without what holds the project against its tools: import-linter, whose newer versions want a newer rich, and the schemas in
# the docs, which pydantic words a little differently from version to version.
test-lowest: .venv-lowest/.ready
	$(CLEAN) .venv-lowest/bin/python $(TEST) --ignore tests/test_floors.py --ignore tests/test_docs.py

# The tests look at Prefect's page with a real browser, the one that is there, else Debian's, else one of Playwright's; and at
# films with Firefox too: Debian's, with what it recommends, since that decodes H.264 for it. What films say of themselves exiftool reads;
# other people's client of the service runs in Node.js.
BROWSERS := chromium chromium-browser google-chrome google-chrome-stable
browser: $(READY)
	@for name in $(BROWSERS); do command -v $$name >/dev/null && exit 0; done; echo "Installing Chromium, once"; \
		{ test "$$(id -u)" = 0 && apt-get update && apt-get install -y --no-install-recommends chromium; } >/dev/null 2>&1 \
		|| $(BIN)/playwright install chromium
	@for name in firefox-esr firefox; do command -v $$name >/dev/null && exit 0; done; echo "Installing Firefox, once"; \
		{ test "$$(id -u)" = 0 && apt-get update && apt-get install -y firefox-esr; } >/dev/null 2>&1 \
		|| { echo "Firefox is wanted, by its name firefox-esr or firefox: install it"; exit 1; }
	@command -v exiftool >/dev/null && exit 0; echo "Installing exiftool, once"; \
		{ test "$$(id -u)" = 0 && apt-get update && apt-get install -y --no-install-recommends libimage-exiftool-perl; } >/dev/null 2>&1 \
		|| { echo "exiftool is wanted, Debian's libimage-exiftool-perl: install it"; exit 1; }
	@command -v node >/dev/null && command -v npm >/dev/null && exit 0; echo "Installing Node.js, once"; \
		{ test "$$(id -u)" = 0 && apt-get update && apt-get install -y --no-install-recommends nodejs npm; } >/dev/null 2>&1 \
		|| { echo "Node.js is wanted, 20 or newer, with npm: install it"; exit 1; }

# Long journeys: a browser before Prefect's page, PostgreSQL, kills with the vault in a bucket, a machine that is lost.
walk: $(READY) browser
	$(CLEAN) $(BIN)/python -m pytest -m long -n 2 --dist loadfile --no-loadscope-reorder

# The pictures of Prefect's page in the docs, taken anew.
pictures: $(READY) browser
	mkdir -p docs/walk
	$(CLEAN) WALK_PICTURES=docs/walk $(BIN)/python -m pytest tests/walk

# What the docs have from the program, written anew.
docs: $(READY)
	$(BIN)/python -m tests.docs

# A page that is not listed, and a link that leads nowhere, is an error.
site: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --config-file .ci/site.yml

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv .venv-* out dist build
