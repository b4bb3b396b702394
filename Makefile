PYTHON ?= python3
BIN := .venv/bin
PORT ?= 5006

.PHONY: install serve notebook lint check test soak coverage audit bench picture pins

install: .venv/installed

.venv/installed: requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

serve: install
	$(BIN)/educonnect serve --demo --port $(PORT)

# Jupyter is installed when it is first asked for; it looks for no updates.
notebook: .venv/notebook
	$(BIN)/jupyter lab --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.extension_manager=readonly $(if $(filter 0,$(shell id -u)),--allow-root) notebooks

.venv/notebook: .venv/installed requirements-notebook.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-notebook.txt
	touch $@

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

PYTEST := $(BIN)/python -m pytest --numprocesses logical --dist worksteal

# What needs no browser, no server and no notebook: in a minute or so.
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
	$(BIN)/python tests/audit.py

bench: install
	$(BIN)/python -m tests.benchmarks

picture: install
	$(BIN)/python -m tests.browser.picture

pins: install
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --no-header --no-annotate --upgrade --output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --no-header --no-annotate --upgrade --extra test --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --no-header --no-annotate --upgrade --extra notebook --constraint requirements-dev.txt --output-file requirements-notebook.txt pyproject.toml
