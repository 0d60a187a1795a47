"""The suite's options, and the plugin that turns a run below verification/ into a matrix."""

from __future__ import annotations

from pathlib import Path

import pytest

from verification.model.contract import ContractError
from verification.plugin import VerificationPlugin, rungs_asked

ROOT = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options.

    `--strict` is pytest's own: with it, a criterion that is not yet verified on a rung that was
    asked for ends the run with 6.
    """
    group = parser.getgroup("verification", "Verification of the stack")
    group.addoption(
        "--environment",
        action="append",
        metavar="NAME",
        help="environment to verify, such as prod; may be given again (default: all)",
    )
    group.addoption(
        "--terraform-root",
        type=Path,
        default=ROOT / "terraform",
        metavar="FOLDER",
        help="folder with environments/ and modules/ (default: terraform)",
    )
    group.addoption(
        "--contract",
        type=Path,
        default=ROOT / "verification" / "contract.toml",
        metavar="FILE",
        help="what the stack must be (default: verification/contract.toml)",
    )
    group.addoption(
        "--reports",
        type=Path,
        default=ROOT / "reports",
        metavar="FOLDER",
        help="where verification.json, junit.xml and logs go (default: reports)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin for runs that go below verification/, and only for them."""
    asked = rungs_asked(config)
    if not asked or config.option.collectonly or config.option.help:
        return
    config.option.xmlpath = config.option.xmlpath or str(config.option.reports / "junit.xml")
    try:
        config.pluginmanager.register(VerificationPlugin(config, asked), "verification")
    except ContractError as error:
        raise pytest.UsageError(str(error)) from error
