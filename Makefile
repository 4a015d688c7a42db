# Needs python3 (3.11 or newer) and make. `make run` and `make test` set up everything else by themselves.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PACKAGE := .cache/package-venv/$(notdir $(BIN))
SET_UP = $(if $(PYTHON),,$(error Capflow needs Python 3.11 or newer: install it, or name it: make PYTHON=/path/to/python3 $@))\
	@"$(PYTHON)" packaging/set_up.py
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header
IN := packaging/requirements

.PHONY: run test lint proto calendar texts bench bench-peers soak soak-both soak-archive soak-use try-new-user soak-desk soak-desk-hosts screenshots package test-package start-many package-linux download-page audit check-inno bench-package requirements set-up clean

run:  ## set up, then open the app on the built-in simulator
	$(SET_UP) run --window
	$(BIN)/capflow demo

# The tests start hundreds of Pythons, and each would compile the package anew where no bytecode may be written.
test: export PYTHONDONTWRITEBYTECODE =
# The tests wait as often as they compute, so four processes suit two cores; the linters run beside them.
SPREAD := $(if $(filter Linux,$(shell uname -s)),-p tests.side_by_side --forks 4,-n 4 --dist loadfile --no-loadscope-reorder)
LINT = $(MAKE) --no-print-directory lint# where a recipe names MAKE itself, `make -n` runs its line
test: set-up  ## set up, then check everything
	@$(LINT) & lint=$$!; $(BIN)/python -m pytest -p tests.individual_coverage $(SPREAD); tests=$$?; \
	wait $$lint || { echo "make lint failed, see above" >&2; exit 1; }; exit $$tests

set-up:
	$(SET_UP) test

lint: set-up  ## format, lint, types, direction of imports, generated files up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python packaging/generate_proto.py --check
	$(BIN)/python packaging/generate_calendar.py --check
	$(BIN)/python packaging/texts.py --check

proto: set-up  ## proto/ -> capflow_gui/wire/pb/
	$(BIN)/python packaging/generate_proto.py

calendar: set-up  ## exchange_calendars -> resources/sessions.json
	$(BIN)/python packaging/generate_calendar.py

texts:  ## take up new texts of the program in packaging/texts/*.po, and compile the catalogues
	"$(PYTHON)" packaging/texts.py

bench: set-up  ## the performance table of the README, as ratios
	$(BIN)/python benchmarks/run.py

bench-peers:  ## the chart against those of vnpy, finplot, PythonQwt and QtCharts, in environments of their own
	$(SET_UP) bench-peers
	$(BIN)/python benchmarks/run.py --peers

soak: set-up  ## ten minutes, 60 symbols, real speed; and a recording killed 100 times
	$(BIN)/python benchmarks/soak.py
	CAPFLOW_KILLS=100 $(BIN)/python -m pytest -q -o faulthandler_timeout=3600 tests/integration/test_archive_cuts.py -k killed

soak-both: set-up  ## ten minutes, 300 symbols shared between both brokers
	$(BIN)/python benchmarks/soak.py --sources both --symbols 300

soak-archive: set-up  ## a year of 300 symbols in the archive: start, memory, history view, size, commands
	PYTHONPATH=. $(BIN)/python benchmarks/year.py

soak-desk: set-up  ## fifty windows of one desk: server and collector killed twenty times each, and every figure compared
	$(BIN)/python benchmarks/soak_desk.py

soak-desk-hosts: set-up  ## a desk whose programs are stopped, and that is restored elsewhere; two hosts and a bad cable (Linux, root)
	$(BIN)/python benchmarks/desk_faults.py
	$(BIN)/python benchmarks/two_hosts.py

soak-use: set-up  ## the real window used at random for an hour on a virtual screen (Xvfb): errors, words of Qt, stalls, growth
	$(BIN)/python benchmarks/soak_use.py

try-new-user: set-up  ## the real window used as a new user would, by mouse and keyboard on a virtual screen (Xvfb): pictures in build/new-user
	$(BIN)/python benchmarks/new_user.py --pictures build/new-user

screenshots: set-up  ## the README's pictures, from the demo
	$(BIN)/python packaging/screenshots.py

package:  ## dist/capflow: the program with all it needs, for this platform
	$(SET_UP) package
	$(PACKAGE)/python packaging/build_bundle.py

test-package: set-up package  ## run the bundle as its users do: odd paths, another user, no Python, encrypted, on a screen; and the wheel, the set-up, the network
	CAPFLOW_BUNDLE=dist/capflow $(BIN)/python -m pytest $(addprefix tests/packaging/test_,frozen.py network.py set_up.py wheel.py)

start-many: package  ## start the bundle 200 times under load, and count what failed
	$(PACKAGE)/python packaging/start_many.py --times $(or $(N),200)

package-linux: package  ## the tarball and the .deb, checked, and tried in a base system (as root)
	$(SET_UP) package-linux
	desktop-file-validate packaging/linux/*.desktop
	$(PACKAGE)/python packaging/build_linux.py
	lintian --allow-root --fail-on error,warning dist/capflow_*.deb
	$(PACKAGE)/python packaging/try_deb.py dist/capflow_*.deb

download-page: set-up package-linux  ## what the README's download section claims, from the commands it names
	$(PACKAGE)/python packaging/download_page.py

audit:  ## known vulnerabilities of what ships; says so when it could not find out
	$(SET_UP) package
	$(PACKAGE)/python packaging/audit.py

check-inno:  ## the Windows installer, compiled and tried under wine: make check-inno ISCC=/path/to/ISCC.exe
	$(SET_UP) package
	$(PACKAGE)/python packaging/generate_icons.py build/icons
	ISCC="$(ISCC)" $(PACKAGE)/python packaging/check_inno.py

bench-package: set-up package  ## the bundle's size and first paint, as ratios
	$(BIN)/python benchmarks/run.py package

requirements: set-up  ## pin everything anew, with hashes
	$(COMPILE) --upgrade $(IN)/build.in -o $(IN)/build.txt
	$(COMPILE) --upgrade pyproject.toml -c $(IN)/build.txt -o $(IN)/runtime.txt
	$(COMPILE) --upgrade pyproject.toml $(IN)/dev.in -c $(IN)/build.txt -c $(IN)/runtime.txt -o $(IN)/dev.txt
	$(COMPILE) --upgrade $(IN)/interop.in -c $(IN)/build.txt -o $(IN)/interop.txt
	$(COMPILE) --upgrade pyproject.toml $(IN)/package.in -c $(IN)/build.txt -c $(IN)/runtime.txt -o $(IN)/package.txt
	$(COMPILE) --upgrade $(IN)/bench-peers.in -o $(IN)/bench-peers.txt

clean:  ## remove what tools left behind; the environments stay
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
