# bitocr: `make read` and `make test` set up all that they need, in .venv.
PYTHON ?= python3
VENV ?= .venv
IMAGE ?= examples/receipt.jpg
export IMAGE

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
ENGINE := CMakeLists.txt $(shell find engine -name '*.[ch]' -o -name CMakeLists.txt -o -path '*/cmake/*')
C_FILES := $(shell find engine examples -name '*.[ch]')
SYNTH := src/bitocr/lab/data/synth
FONTS := $(SYNTH)/debian-fonts.txt $(SYNTH)/chinese/debian-fonts.txt
BACKGROUNDS := src/bitocr/lab/data/pages/debian-backgrounds.txt
WEB_FONTS := $(SYNTH)/web-fonts.txt $(SYNTH)/chinese/web-han-fonts.txt
# One stamp for each set of packages, which are installed once. bitocr itself is there already when its extras are.
RUNTIME := $(VENV)/.runtime
TESTS := $(VENV)/.tests
# What the slow tests need beside that: extras of pyproject.toml, and packages of Debian.
SLOW := $(VENV)/.slow
SLOW_EXTRAS := lab,slow,batch,ray,pdf,ocrmypdf,wheels,docs
SLOW_PACKAGES := poppler-utils tesseract-ocr
# What builds wheels: zig among it, of 400 MB.
WHEELS := $(VENV)/.wheels
DOCS := $(VENV)/.docs
# RapidOCR brings its own OpenCV, which would overwrite that of lab.
PEERS := $(VENV)-peers/.peers
# Where bench-peers finds its test sets, each a folder with a labels.tsv.
DATA ?= data/eval
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: help read test test-all test-slow ports instructions wheels lint format bench bench-peers bench-pages fuzz fonts backgrounds web-fonts clean wasm web test-web bench-web docs figures

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

read: $(RUNTIME) ## Read the text in a picture: make read IMAGE=path
	@$(BIN)/bitocr read "$$IMAGE"

test: lint ## Run lint and the tests
	$(BIN)/python -m pytest -m "not slow"

test-all: test ports test-slow ## Run all tests, and those that take long

test-slow: $(SLOW) ## Run the tests that take long, or need large packages (installs with apt-get)
	$(BIN)/python -m pytest -m slow

ports: $(TESTS) ## Compare the engine on ARM, i386, Windows and WebAssembly with this machine (installs with apt-get)
	@$(BIN)/python tools/ports/run.py

instructions: $(TESTS) ## Count the instructions that lines and a page take on 64-bit ARM (installs with apt-get)
	@$(BIN)/python tools/ports/instructions.py
	@$(BIN)/python tools/ports/instructions.py --cycles

wheels: $(WHEELS) ## Build and try wheels for Linux, ARM and Windows, in dist/ (installs with apt-get)
	@$(BIN)/python tools/wheels/make.py

wasm: ## Build the engine for browsers and node, into web/engine (installs with apt-get)
	@tools/wasm/build.sh

web: wasm ## Build the npm package, and the page that reads in a browser's tab (installs with apt-get and npm)
	@tools/web/build.sh

test-web: web ## Test them in node and Chromium (installs with apt-get)
	@tools/web/test.sh

lint: $(TESTS) ## Check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/clang-format --dry-run -Werror $(C_FILES)

format: $(TESTS) ## Put the sources into the project's style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/clang-format -i $(C_FILES)

bench: $(TESTS) ## Measure the engine's speed
	$(BIN)/bitocr bench

bench-peers: $(PEERS) ## Compare with RapidOCR and Tesseract on the same images: make bench-peers DATA=folder
	@command -v tesseract >/dev/null || $(AS_ROOT) apt-get install -y -qq tesseract-ocr tesseract-ocr-eng
	@$(VENV)-peers/bin/python benchmarks/peers.py "$(DATA)" $(if $(LIMIT),--limit $(LIMIT))

bench-pages: $(PEERS) ## Compare with RapidOCR and Tesseract on whole pages: make bench-pages DATA=folder
	@command -v tesseract >/dev/null || $(AS_ROOT) apt-get install -y -qq tesseract-ocr tesseract-ocr-eng
	@$(VENV)-peers/bin/python benchmarks/pages.py "$(DATA)" $(if $(LIMIT),--limit $(LIMIT))

bench-web: $(TESTS) web ## Compare with tesseract.js in Chromium, and with the native engine: make bench-web [DATA=folder]
	@command -v chromium >/dev/null || $(AS_ROOT) apt-get install -y -qq chromium >/dev/null
	@mkdir -p build/bench-web && cp benchmarks/web/package.json build/bench-web
	@npm install --prefix build/bench-web --no-audit --no-fund --loglevel=error
	@$(BIN)/python benchmarks/web/run.py $(if $(filter command line,$(origin DATA)),"$(DATA)") $(if $(LIMIT),--limit $(LIMIT))
figures: $(SLOW) $(PEERS) ## Measure all figures of README and docs: make figures DATA=folder [LIMIT=50] [PARTS="lines pages"] [FRESH=1]
	@command -v tesseract >/dev/null || $(AS_ROOT) apt-get install -y -qq tesseract-ocr tesseract-ocr-eng
	@$(BIN)/python benchmarks/figures.py run --data "$(DATA)" $(if $(LIMIT),--limit $(LIMIT)) \
	  $(foreach part,$(PARTS),--part $(part)) $(if $(FRESH),--fresh)

docs: $(DOCS) ## Build the documentation's site into build/site
	@PYTHONPATH=tools $(BIN)/python -m docsite

fuzz: ## Fuzz the model loader and the image path
	engine/fuzz/run.sh

fonts: $(TESTS) ## Install the fonts that training images are rendered with (Debian and Ubuntu, npm)
	@$(AS_ROOT) apt-get update -qq
	@# One by one: a name that a distribution lacks does not stop the others.
	@for package in $$(grep -hv '^#' $(FONTS)); do \
	  $(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$package" >/dev/null \
	  || echo "left out: $$package" >&2; \
	done
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory web-fonts; \
	else echo "left out: fonts of the web, which npm fetches (apt-get install npm, then make web-fonts)" >&2; fi

backgrounds: ## Install the photographs that training pages are rendered on (Debian and Ubuntu)
	@$(AS_ROOT) apt-get update -qq
	@for package in $$(grep -hv '^#' $(BACKGROUNDS)); do \
	  $(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$package" >/dev/null \
	  || echo "left out: $$package" >&2; \
	done

web-fonts: $(TESTS)
	@# Without --prefix, npm would install into a folder above that has a package.json.
	@mkdir -p build/web-fonts && npm install --prefix build/web-fonts --no-save --no-audit --no-fund --ignore-scripts \
	  --loglevel=error $$(grep -hv '^#' $(WEB_FONTS) | tr -s ' ' '\n' | grep -vxE 'sans|serif|display|script|mono|' \
	  | sed 's,^,@fontsource/,')
	@$(BIN)/python -W ignore::RuntimeWarning -m bitocr.lab.data.synth.webfonts build/web-fonts/node_modules
	@rm -r build/web-fonts && fc-cache

clean: ## Remove what was built; .venv too
	rm -rf $(VENV) $(VENV)-peers build dist .pytest_cache .mypy_cache .ruff_cache src/bitocr/native/_libbitocr.*
	rm -rf web/node_modules web/dist web/dist-demo src/bitocr/serve/page
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@tools/check-build-tools "$(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): $(BIN)/python pyproject.toml $(ENGINE)
	@tools/check-build-tools $(BIN)/python
	@echo "Building the engine, installing bitocr into $(VENV) ..." >&2
	@$(PIP) --editable .
	@touch $@

$(TESTS): $(RUNTIME) constraints.txt
	@echo "Installing what training and the tests need, PyTorch included (this takes minutes) ..." >&2
	@$(PIP) --constraint constraints.txt 'bitocr[lab,bench,mnn,serve,dev]'
	@touch $@

$(SLOW): $(TESTS) Makefile
	@$(if $(SLOW_PACKAGES),$(AS_ROOT) apt-get update -qq && $(AS_ROOT) apt-get install -y -qq $(SLOW_PACKAGES) >/dev/null)
	@$(PIP) --constraint constraints.txt 'bitocr[$(SLOW_EXTRAS)]'
	@touch $@

$(WHEELS): $(RUNTIME)
	@$(PIP) 'bitocr[wheels]'
	@touch $@

$(DOCS): $(TESTS) pyproject.toml
	@$(PIP) --constraint constraints.txt 'bitocr[docs]'
	@touch $@

$(PEERS): $(ENGINE) pyproject.toml
	@tools/check-build-tools "$(PYTHON)"
	@$(PYTHON) -m venv $(VENV)-peers
	@$(VENV)-peers/bin/python -m pip install -qq --disable-pip-version-check --editable '.[peers]'
	@touch $@
