"""Fixtures that wait for a job."""

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
    """The plugin; without it tests fail, because nothing would judge the run."""
    plugin = find_plugin(config)
    if plugin is None:
        pytest.exit(
            "The suite's plugin is not loaded, so the run is not judged: run pytest in the "
            "repository's root, without --noconftest or --confcutdir.",
            int(ExitCode.USAGE),
        )
    return plugin


def fixture_of(job: Job[..., Any]) -> Any:
    """A fixture with the job's name and result; the job starts when the fixture is selected."""

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
