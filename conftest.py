"""The suite's options, and the plugin that turns a run below verification/ into a matrix."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from verification.engine.errors import EnvironmentUnavailable
from verification.engine.report.writer import remove_reports
from verification.engine.system.git import BaseError
from verification.model.data_file import ContractError
from verification.model.results import ExitCode
from verification.plugin.invocation import (
    REPORTS,
    CollectOnly,
    Idle,
    demand_sense,
    idle_option,
    is_refused,
    is_run,
    names_rehearsal,
    reports_folder,
    rungs_asked,
)
from verification.plugin.plugin import VerificationPlugin
from verification.plugin.target import TargetPlugin, add_options

ROOT = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the suite's options; remove old reports even if pytest rejects the command line.

    `--strict` is pytest's; the suite is always strict.
    """
    group = parser.getgroup("verification", "Verification of the stack")
    group.addoption(
        "--environment",
        action="append",
        metavar="NAME",
        help="environment to verify, such as prod; repeatable (default: all)",
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
        help="the contract (default: verification/contract.toml)",
    )
    group.addoption(
        "--policies",
        type=Path,
        default=ROOT / "policies",
        metavar="FOLDER",
        help="the project's policies, decisions and waivers (default: policies)",
    )
    group.addoption(
        "--base",
        metavar="REF",
        help="branch, tag or commit that the change will be merged into; its merge base with "
        "HEAD is the base (default: no base)",
    )
    group.addoption(
        "--reports",
        type=Path,
        default=REPORTS,
        metavar="FOLDER",
        help="folder for report.html, verification.json, logs and so on (default: reports)",
    )
    group.addoption(
        "--partial",
        action="store_true",
        help="judge only the selected tests; those left out do not make the run fail",
    )
    add_options(group)
    idle = idle_option(parser, os.environ.get("PYTEST_ADDOPTS", ""))
    if idle:
        pluginmanager.register(Idle(idle), "verification-idle")
    params = pluginmanager.getplugin("pytestconfig").invocation_params
    invoked = [str(argument) for argument in params.args]
    if (idle or is_refused(parser, invoked)) and (folder := reports_folder(invoked)):
        remove_reports(folder)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin only for runs that select tests below verification/."""
    asked, rehearsal = rungs_asked(config), names_rehearsal(config)
    of_rungs = bool(asked or rehearsal) and is_run(config)
    # By default, pytest's short summary as with `-ra`, and none for rungs, which have their own.
    # The option is absent without the terminal plugin.
    if getattr(config.option, "reportchars", "") == "fE":
        config.option.reportchars = "" if of_rungs and config.option.verbose <= 0 else "a"
    if not of_rungs:
        return
    if said := remove_reports(config.option.reports):
        pytest.exit(said, ExitCode.ENVIRONMENT_UNAVAILABLE)
    if not asked:
        raise pytest.UsageError("verification/rehearse needs a base: add --base REF.")
    demand_sense(config)
    if config.option.collectonly:
        config.pluginmanager.register(CollectOnly(), "verification-collect-only")
        return
    junit = str(config.option.reports / "junit.xml")
    config.option.xmlpath = getattr(config.option, "xmlpath", None) or junit
    try:
        plugin = VerificationPlugin(config, asked)
    except (ContractError, BaseError) as error:
        raise pytest.UsageError(str(error)) from error
    except EnvironmentUnavailable as error:
        pytest.exit(str(error), ExitCode.ENVIRONMENT_UNAVAILABLE)
    config.pluginmanager.register(plugin.collection, "verification-collection")
    config.pluginmanager.register(plugin.signals, "verification-signals")
    if not config.pluginmanager.register(plugin, "verification"):
        raise pytest.UsageError("-p no:verification disables the suite's plugin: remove it.")
    if plugin.run.aws:
        config.pluginmanager.register(TargetPlugin(plugin.run, plugin.run.aws), "target")
