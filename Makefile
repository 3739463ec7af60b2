# What to do with this book. `make` alone lists the targets.
#
# Needed: Python 3.11 or newer, make and git. All else goes into .venv.
# Works with GNU make 3.81 (macOS) and newer.

# The Python to make .venv with; by default tools/find-python looks for one.
PYTHON ?=

BIN = .venv/bin
# The file that tools/vendor.py writes last.
PAGES_JS = _vendor/vendor/labs.js
HTML = _build/html
PORT ?= 8000
NOTEBOOKS = $(wildcard chapters/*.ipynb)
DATA_SCRIPTS = $(filter-out %/tables.py,$(wildcard chapters/data/*.py))

.DEFAULT_GOAL = help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help book serve test lint test-package test-notebooks test-book \
	notebooks data lab engines bench lock clean

# pip neither asks nor looks for a newer self.
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_NO_INPUT = 1

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) \
		| awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'

# --- The environment ------------------------------------------------------
# A stamp is the last thing written, so that an interrupted install is redone.

.venv/installed: requirements.txt
	@python=$$(tools/find-python $(PYTHON)) || exit 1; \
	echo "Installing the locked packages into .venv with $$python"; \
	"$$python" -m venv --clear .venv \
		&& $(BIN)/python -m pip install -qq --requirement requirements.txt
	@touch $@

.venv/homeo: .venv/installed pyproject.toml
	@echo "Installing homeo into .venv"
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@

$(PAGES_JS): .venv/installed package-lock.json .npmrc tools/vendor.py \
		$(wildcard homeo/lab/static/* homeo/lab/engines/*)
	@echo "Installing the pages' JavaScript into _vendor"
	@$(BIN)/python tools/vendor.py

# --- The book -------------------------------------------------------------

book: .venv/homeo $(PAGES_JS) ## Build the book and print its address
	@echo "Building the book"
	@$(BIN)/python tools/build_book.py

serve: book ## Build the book and serve it on this machine
	@echo "Serving the book on http://127.0.0.1:$(PORT)/ (stop with Ctrl-C)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(HTML) $(PORT)

# --- Checks ---------------------------------------------------------------
# Each worker goes through half of the tests in order, and then helps the other.

TESTS = $(BIN)/python -m pytest --quiet -n 2 --dist worksteal

test: lint test-package test-notebooks test-book ## Check everything
	@echo "All checks passed"

lint: .venv/installed $(PAGES_JS) ## Check the style of code and workflows
	@echo "Checking the style of the code"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@echo "Checking that the Lab's bundle is of today"
	@$(BIN)/node tools/bundle_lab.mjs --check
	@echo "Checking the types in the Lab's front end"
	@$(BIN)/node node_modules/typescript/bin/tsc --project homeo/lab/front
	@$(BIN)/node node_modules/typescript/bin/tsc --project homeo/lab/front/worker.tsconfig.json
	@echo "Checking the workflows"
	@$(BIN)/node tools/lint-workflows.mjs

test-package: .venv/homeo ## Test the package
	@echo "Testing the package and the shape of the notebooks"
	@$(TESTS) tests \
		--ignore tests/test_book.py --ignore tests/test_lab_page.py

# What they compile is kept where the tests keep it, see tests/conftest.py.
test-notebooks: export HOMEO_CACHE = $(CURDIR)/_build/cache
test-notebooks: .venv/homeo ## Run the notebooks; outputs must not have changed
	@echo "Running the notebooks and comparing their outputs"
	@$(TESTS) --dist loadscope \
		--nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg $(NOTEBOOKS)

test-book: book ## Test the built pages in a browser
	@echo "Testing the built pages"
	@$(TESTS) tests/test_book.py tests/test_lab_page.py

# --- Upkeep ---------------------------------------------------------------

notebooks: .venv/homeo ## Run all notebooks and save their outputs
	@echo "Running the notebooks and saving their outputs"
	@$(BIN)/python tools/run_notebooks.py $(NOTEBOOKS)
	@$(BIN)/python tools/readme_picture.py

# What takes too long for a notebook; each script names the tables it writes.
data: .venv/homeo ## Compute the tables in chapters/data anew (needs a C++ compiler)
	@for script in $(DATA_SCRIPTS); do \
		echo "Running $$script"; \
		$(BIN)/python $$script || exit 1; done

lab: $(PAGES_JS) ## Bundle the Lab's front end
	@echo "Bundling the Lab's front end"
	@$(BIN)/node tools/bundle_lab.mjs

engines: .venv/homeo ## Compile the Lab's models (needs emscripten)
	@echo "Compiling the experiments to WebAssembly"
	@$(BIN)/python tools/build_engines.py

bench: book ## Measure speed; the chapters show some of the results
	@for script in benchmarks/*.py; do \
		echo "Running $$script"; \
		PYTHONPATH=tests $(BIN)/python $$script || exit 1; done

# UPGRADE=1 takes the newest versions; without it those locked are kept.
lock: .venv/installed ## Write requirements.txt anew from pyproject.toml
	@echo "Writing requirements.txt and package-lock.json"
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras \
		--no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade) \
		--custom-compile-command "make lock" --output-file requirements.txt \
		pyproject.toml
	@$(BIN)/npm install --package-lock-only --silent

clean: ## Remove all that make has made
	rm -rf .venv _build _vendor node_modules
