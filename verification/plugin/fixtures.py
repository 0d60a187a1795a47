"""Fixtures that wait for a job of the run."""

from __future__ import annotations

from typing import Any

import pytest

from verification.engine.run.registry import Job
from verification.model.results import ExitCode
from verification.plugin.plugin import JOBS, VerificationPlugin


def find_plugin(config: pytest.Config) -> VerificationPlugin | None:
    """The suite's plugin, if it is loaded."""
    found: VerificationPlugin | None = config.pluginmanager.getplugin("verification")
    return found


def plugin_of(config: pytest.Config) -> VerificationPlugin:
    """The plugin; without it no test may pass or fail, since nobody would judge the whole."""
    plugin = find_plugin(config)
    if plugin is None:
        pytest.exit(
            "The suite's plugin is not loaded, so nothing is judged: run pytest from the "
            "repository's root, and without --noconftest or --confcutdir.",
            int(ExitCode.USAGE),
        )
    return plugin


def fixture_of(job: Job[..., Any]) -> Any:
    """A fixture of the job's name that gives its result; the job starts once it is selected."""

    def of_environment(pytestconfig: pytest.Config, environment: str) -> Any:
        plugin = plugin_of(pytestconfig)
        return plugin.wait(plugin.start(job, environment))

    def of_run(pytestconfig: pytest.Config) -> Any:
        plugin = plugin_of(pytestconfig)
        return plugin.wait(plugin.start(job, ""))

    function = of_environment if job.per_environment else of_run
    function.__doc__ = job.__doc__
    JOBS[job.name] = job
    return pytest.fixture(function, scope="session", name=job.name)
