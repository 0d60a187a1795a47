"""Rung 2: Terraform prints no errors or warnings."""

import pytest

from verification.checks import terraform_runs

pytestmark = pytest.mark.criterion("terraform-clean")


def test_files_are_formatted(formatted, source, prove):
    """Every file is formatted as by `terraform fmt`."""
    prove(terraform_runs.is_formatted(formatted, len(source.files)))


def test_plan_gives_no_warning(planned, environment, prove):
    """`terraform plan`, which validates first, prints no error and no warning."""
    prove(terraform_runs.gives_no_warning(f"plan {environment}", planned.warnings))


@pytest.mark.criterion("module-pattern")
def test_modules_pass_their_tests(tested, environment, contract, prove):
    """Each module has tests of its own, which `terraform test` passes, with this provider."""
    prove(terraform_runs.modules_pass_their_tests(tested, contract.module_tests))
