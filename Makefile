# Start here: `make run` and `make test` on a fresh machine. bootstrap.py does the set-up.
PYTHON ?= python3
GPU ?= auto
ARGS ?=
BIN = .venv/bin

# Python keeps its bytecode, whatever the environment says: the tests start the program and its engine a thousand
# times, and without bytecode each start takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run setup test test-gpu gpu-bundle test-elsewhere check bench bench-peers picture format lock translations language clean dist dist-report test-dist test-dist-processors test-dist-graphics test-dist-windows

run:
	@$(PYTHON) bootstrap.py --gpu $(GPU) run $(ARGS)

setup:
	@$(PYTHON) bootstrap.py --gpu $(GPU) setup

test: check
	$(BIN)/python -m pytest -q
	$(BIN)/python -m pytest -q --mirrored $(MIRRORED)
	$(BIN)/python -m pytest -q --fonts=noto $(MEASURED)

# Tests of offloading, in their own environment: CUDA with an NVIDIA GPU, else Vulkan, in software without a GPU.
test-gpu:
	@INKFALL_VENV=.venv-gpu $(PYTHON) bootstrap.py gpu
	.venv-gpu/bin/python -m pytest -q -c tests/gpu/pytest.ini -p no:pytest-qt tests/gpu
	.venv-gpu/bin/python -m tests.gpu.speed

# Makes a small folder that brings those tests to a machine without network: tests/gpu/offline.sh (docs/engine.md).
gpu-bundle:
	@$(PYTHON) bootstrap.py --gpu keep setup
	$(BIN)/python -m tests.gpu.bundle build/gpu-bundle

# Makes the installers in dist/: .deb, .tar.xz and .run, with and without the starter model (docs/installing.md).
dist:
	@INKFALL_VENV=.venv-dist $(PYTHON) bootstrap.py dist
	.venv-dist/bin/python -m installer.build $(ARGS)

dist-report:
	$(BIN)/python -m installer.report

# Tries a .deb in a fresh Debian 12; needs root; only apt uses the network.
test-dist:
	$(BIN)/python -m installer.trial $(ARGS)

# Tries a .deb with the starter on emulated older processors; minutes for each.
test-dist-processors:
	$(BIN)/python -m installer.trial_processors $(ARGS)

# Tries a .deb with the starter with all kinds of graphics drivers, broken ones included.
test-dist-graphics:
	$(BIN)/python -m installer.trial_graphics $(ARGS)

# Tries the Windows installer under wine, with a small payload.
test-dist-windows:
	$(BIN)/python -m installer.trial_windows

# Tests that run a second time from right to left: rooms that paint, and the window's own tests.
MIRRORED = tests/desktop/test_mirrored.py tests/desktop/qt/test_accessible.py tests/desktop/odds tests/desktop/shell tests/desktop/crash \
  tests/desktop/settings tests/desktop/editor/test_editor.py tests/desktop/editor/test_painting.py \
  tests/desktop/editor/test_pointing.py tests/desktop/generation/test_sampling_panel.py tests/desktop/library \
  tests/desktop/page_list/test_panel.py tests/window/test_finding.py tests/window/test_writing.py

# Tests that run a second time in other fonts (tests/fonts.py): those that measure letters or fit into small windows.
MEASURED = tests/test_fonts.py tests/desktop/qt/test_focus_ring.py tests/desktop/editor tests/desktop/odds tests/desktop/shell tests/desktop/crash \
  tests/desktop/page_list/test_panel.py tests/desktop/exporting/test_printing.py tests/desktop/generation/test_sampling_panel.py \
  tests/window/test_arrangement.py tests/window/test_finding.py tests/window/test_keyboard.py tests/window/test_writing.py

check:
	@$(PYTHON) bootstrap.py --gpu keep test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

bench:
	@$(PYTHON) bootstrap.py --gpu keep setup
	$(BIN)/python -m desktop bench

# Builds llama.cpp's own benchmarks once, and compares our speed with theirs in turns (docs/performance.md).
bench-peers:
	@$(PYTHON) bootstrap.py --gpu keep setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.performance.peers $(ARGS)

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Makes the locks: for the set-up's own tool, for builds from source, for freezing, and for everything installed.
COMPILE = .tools/bin/uv pip compile -q --generate-hashes --universal --python-version 3.11 --no-header --no-annotate
lock: setup
	$(COMPILE) --group tools -o tools.lock
	$(COMPILE) --group build -o build.lock
	$(COMPILE) --group dist -o dist.lock
	.tools/bin/uv pip compile -q pyproject.toml --extra starter --extra test --universal --generate-hashes -o requirements.lock

# Adds the sentences of the code to every language's list, and compiles the lists (docs/translating.md).
BABEL = $(BIN)/pybabel -q
WORDS = resources/languages
build/inkfall.pot: FORCE
	@mkdir -p build
	$(BABEL) extract -F $(WORDS)/babel.cfg -k "tr:1,1t" -k "tr:1,2c,2t" -k "tr_count:1,2" --add-location=file --omit-header --no-wrap --sort-by-file -o $@ desktop models resources

translations: build/inkfall.pot
	for list in $(WORDS)/*.po; do language=$$(basename $$list .po); \
	  $(BABEL) update -l $$language -i $< -o $$list --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap && \
	  $(BABEL) compile -l $$language -i $$list -o $(WORDS)/$$language.mo || exit 1; done

# Makes a new language's list to translate: make language LANGUAGE=fr
language: build/inkfall.pot
	$(BABEL) init -l $(LANGUAGE) -i $< -o $(WORDS)/$(LANGUAGE).po --no-wrap
	$(BABEL) compile -l $(LANGUAGE) -i $(WORDS)/$(LANGUAGE).po -o $(WORDS)/$(LANGUAGE).mo

FORCE:

clean:
	rm -rf .venv .venv-gpu .venv-dist .tools .data build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov models/sampling/libpasses.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

picture:
	@$(PYTHON) bootstrap.py --gpu keep setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.picture

# Runs the whole suite in a fresh clone in a folder whose name has spaces and non-ASCII letters.
test-elsewhere:
	rm -rf "build/ünï cødé" && mkdir -p build && git clone -q . "build/ünï cødé"
	$(MAKE) -C "build/ünï cødé" test
