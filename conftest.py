"""The suite's options, and the plugin that turns a run below verification/ into a matrix."""

from __future__ import annotations

from pathlib import Path

import pytest

from verification.engine.errors import EnvironmentUnavailable
from verification.engine.report.results import ExitCode
from verification.engine.repository import BaseError
from verification.model.contract import ContractError
from verification.plugin import VerificationPlugin, names_rehearsal, rungs_asked
from verification.target import TargetPlugin, add_options

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
        "--policies",
        type=Path,
        default=ROOT / "policies",
        metavar="FOLDER",
        help="our own policies, decisions and waivers (default: policies)",
    )
    group.addoption(
        "--base",
        metavar="REF",
        help="branch, tag or commit that a change goes to: its merge base with HEAD is what the "
        "working tree is compared with (default: nothing is compared)",
    )
    group.addoption(
        "--reports",
        type=Path,
        default=ROOT / "reports",
        metavar="FOLDER",
        help="where report.html, verification.json, logs and the like go (default: reports)",
    )
    add_options(group)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin for runs that go below verification/, and only for them."""
    asked = rungs_asked(config)
    if not asked and names_rehearsal(config):
        raise pytest.UsageError(
            "verification/rehearse is about a change: say what it starts from with --base REF."
        )
    if not asked or config.option.collectonly or config.option.help:
        return
    config.option.xmlpath = config.option.xmlpath or str(config.option.reports / "junit.xml")
    try:
        plugin = VerificationPlugin(config, asked)
    except (ContractError, BaseError) as error:
        raise pytest.UsageError(str(error)) from error
    except EnvironmentUnavailable as error:
        pytest.exit(str(error), ExitCode.ENVIRONMENT_UNAVAILABLE)
    config.pluginmanager.register(plugin, "verification")
    if plugin.run.aws:
        config.pluginmanager.register(TargetPlugin(plugin.run, plugin.run.aws), "target")
