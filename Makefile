PYTHON ?= python3
BIN := .venv/bin
PORT ?= 5006
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
PIP_COMPILE := $(BIN)/pip-compile --quiet --no-strip-extras --generate-hashes --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate --upgrade

.PHONY: install serve notebook lint check test soak coverage audit bench picture pins

install: .venv/installed

.venv/installed: requirements-dev.txt pyproject.toml
	@echo "Creating .venv"
	@$(PYTHON) -m venv .venv
	@echo "Installing the $$(grep -c == $<) packages pinned in $< (a minute or two)"
	@$(PIP) install --require-hashes -r $<
	@echo "Installing the dashboard itself"
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

serve: install
	@echo "Serving the demo schools (loading them takes a moment the first time)"
	@$(BIN)/educonnect serve --demo --port $(PORT)

# Jupyter is installed when it is first asked for; it looks for no updates.
notebook: .venv/notebook
	$(BIN)/jupyter lab --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.extension_manager=readonly $(if $(filter 0,$(shell id -u)),--allow-root) notebooks

.venv/notebook: .venv/installed requirements-notebook.txt
	@echo "Installing Jupyter, as pinned in requirements-notebook.txt (a minute or two)"
	@$(PIP) install --require-hashes -r requirements-notebook.txt
	@touch $@

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

PYTEST := $(BIN)/python -m pytest --numprocesses logical --dist worksteal

# What needs no browser, no server and no notebook.
check: lint
	$(PYTEST) -m "not browser and not server" tests

test: lint
	$(BIN)/python -m pip check
	$(BIN)/python tests/chromium.py
	$(PYTEST)

# Ten times as many generated cases as `make test`, of what needs no browser and no server.
soak: install
	$(PYTEST) -m "not browser and not server" --hypothesis-profile soak --timeout 7200 tests

coverage: install
	$(PYTEST) --cov --cov-report=term:skip-covered

audit: install
	@mkdir -p .audit
	$(BIN)/python -W ignore::UserWarning -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible --output-file .audit/sbom.json requirements.txt
	$(BIN)/python tests/audit.py

bench: install
	$(BIN)/python -m tests.benchmarks

picture: install
	$(BIN)/python -m tests.browser.picture

# A pin keeps its extras, without which pip finds no hash for them; a constraint may have none.
pins: install
	$(PIP_COMPILE) --output-file requirements.txt pyproject.toml
	sed 's/\[.*\]==/==/' requirements.txt > .venv/served.txt
	$(PIP_COMPILE) --extra test --build-deps-for editable --constraint .venv/served.txt --output-file requirements-dev.txt pyproject.toml
	sed 's/\[.*\]==/==/' requirements-dev.txt > .venv/developed.txt
	$(PIP_COMPILE) --extra notebook --constraint .venv/developed.txt --output-file requirements-notebook.txt pyproject.toml
