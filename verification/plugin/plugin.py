"""The pytest plugin: collects the tests' findings, and reports them as a matrix and in files."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from contextlib import nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from verification.engine.errors import EngineError, EnvironmentUnavailable
from verification.engine.report.report import Report
from verification.engine.report.terminal import show
from verification.engine.report.writer import unwritten, write_reports
from verification.engine.run.facts import Facts
from verification.engine.run.registry import Job
from verification.engine.run.run import Run
from verification.engine.rungs.policy import policies
from verification.engine.smoke.http_session import UnexpectedAnswer
from verification.engine.system.git import find_base
from verification.engine.system.open_files import demand_open_files
from verification.engine.system.temporary import remove_abandoned
from verification.model.contract import load_contract
from verification.model.criteria import RUNGS, load_criteria
from verification.model.findings import Finding
from verification.model.results import Evidence, ExitCode, Results, final_code
from verification.model.verdict import Verdict
from verification.plugin.attempts import Attempts
from verification.plugin.collection import Collection
from verification.plugin.environments import select_environments
from verification.plugin.items import (
    check_of,
    environment_of,
    error_of,
    named_by,
    rung_of,
    verdict_of,
)
from verification.plugin.progress import Progress
from verification.plugin.signals import Signals
from verification.plugin.target import choose_target

CRITERIA = Path(__file__).parents[1] / "criteria.toml"
FINDINGS = pytest.StashKey[list[Finding]]()
BLOCKED = "blocked"
JOBS: dict[str, Job[..., Any]] = {}
"""The jobs of fixtures, by fixture name."""


class VerificationPlugin:
    """Holds the run and its results, and implements pytest's hooks.

    Raises:
        ContractError: contract or criteria are missing or malformed, or `--environment` or the
            Terraform tree has an environment that the contract does not have.
        EnvironmentUnavailable: this machine lacks something that a selected rung needs.
    """

    def __init__(self, config: pytest.Config, asked: list[str]) -> None:
        demand_open_files(asked)
        option = config.option
        self.config = config
        self.contract = load_contract(option.contract)
        base = find_base(option.terraform_root, option.base) if option.base else None
        criteria = load_criteria(CRITERIA)
        of_changes = {name for name, one in criteria.items() if one.change and not base}
        kept = {name: one for name, one in criteria.items() if name not in of_changes}
        chosen = select_environments(option, self.contract)
        self.environments = chosen.selected
        self.results = Results(kept, asked, option.partial, chosen.selected, chosen.others)
        self.run = Run(
            option.terraform_root,
            self.contract,
            option.reports,
            os.environ,
            option.policies,
            base,
            aws=choose_target(option, self.contract, asked, self.environments),
        )
        if added := os.environ.get("PYTEST_ADDOPTS"):
            self.run.remarks.append(f"PYTEST_ADDOPTS adds {added}.")
        if left_out := chosen.note(asked):
            self.run.remarks.append(left_out)
        if base:
            self.run.remarks.append(f"The base is {base}.")
        if of_changes:
            names = ", ".join(sorted(of_changes))
            self.run.remarks.append(f"No --base was given, so these were left out: {names}.")
        self.collection = Collection(self.run, self.results, of_changes)
        self.signals = Signals()
        self._attempts = Attempts(self.results)
        self._facts = Facts(config.invocation_params.args, option.terraform_root)
        self._code = ExitCode.INTERRUPTED
        self._told: dict[str, str] = {}
        self._session: pytest.Session | None = None
        self._unwritten: list[str] = []

    def wait(self, future: Future[Any]) -> Any:
        """Wait for a job and show progress."""
        return self._progress.wait(future)

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Remove the temporary folders of runs that were killed."""
        self._session = session
        if abandoned := remove_abandoned():
            names = ", ".join(folder.name for folder in abandoned)
            where = abandoned[0].parent
            self.run.remarks.append(f"Removed folders of killed runs from {where}: {names}.")

    # Collection: tests run in the order of the rungs.

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Sort the selected tests by rung, and start their jobs, the slowest first."""
        # Here, because pytest has grouped the tests by environment.
        session.items.sort(key=lambda item: RUNGS.index(rung_of(item)))
        if session.testsfailed:
            return
        for item in sorted(session.items, key=lambda i: RUNGS.index(rung_of(i)), reverse=True):
            for name in getattr(item, "fixturenames", ()):
                # In an account all scenarios share one deployment and run in the tests' order.
                if name in JOBS and not (self.run.aws and rung_of(item) == "smoke"):
                    self.start(JOBS[name], environment_of(item))

    def start(self, job: Job[..., Any], environment: str) -> Future[Any]:
        """Start a job in the background, once."""
        return self.run.start(job, *([environment] if job.per_environment else []))

    # Tests: each must have findings.

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Fail a test that passed without examining anything."""
        item.stash[FINDINGS] = []
        yield
        if not item.stash[FINDINGS]:
            pytest.fail("examined nothing, so it proves nothing", pytrace=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Record a test's findings; show an engine error as one sentence."""
        report = yield
        error = call.excinfo.value if call.excinfo else None
        self._attempts.enter(item.nodeid, call.when)
        if isinstance(error, EngineError):
            told_before = self._told.setdefault(str(error), item.nodeid) != item.nodeid
            report.longrepr = f"{BLOCKED}: {error}" if told_before else str(error)
            report.user_properties.append((BLOCKED, told_before))
        found: list[Finding] = item.stash.get(FINDINGS, []) if call.when == "call" else []
        findings = tuple(found)
        # A test that requests a scenario in its body is about another aspect of it.
        if isinstance(error, UnexpectedAnswer) and (error.unknown or call.when == "setup"):
            if error.unknown:
                report.outcome = "skipped"
                report.longrepr = (str(item.path), 0, f"unknown: {error}")
            findings, error = (error.finding,), None
        if report.skipped and not findings:
            self.results.proofs.explain(item.nodeid, f"was skipped: {error}")
        elif findings or report.failed or call.when == "call":
            self._record(item, report, findings, error)
        return report

    def pytest_report_teststatus(
        self, report: pytest.TestReport | pytest.CollectReport
    ) -> tuple[str, str, str] | None:
        """Use separate words for two outcomes.

        "unknown" is what cannot be decided yet, such as values known only after apply; "blocked" is
        a test that could not run because of an error that was already shown.
        """
        if not isinstance(report, pytest.TestReport):
            return None
        properties = dict(report.user_properties)
        if report.skipped and properties.get("verdict") == Verdict.UNKNOWN:
            return "unknown", "?", "UNKNOWN"
        if report.failed and properties.get(BLOCKED):
            return "blocked", "b", "BLOCKED"
        return None

    def _record(
        self,
        item: pytest.Item,
        report: pytest.TestReport,
        findings: tuple[Finding, ...],
        error: BaseException | None,
    ) -> None:
        verdict = verdict_of(report, findings, error)
        report.user_properties.append(("verdict", verdict.value))
        report.user_properties.append(("criterion", named_by(item)))
        evidence = Evidence(
            criterion=named_by(item),
            rung=rung_of(item),
            environment=environment_of(item),
            check=check_of(item),
            verdict=verdict,
            findings=findings,
            seconds=report.duration,
            error=error_of(error) if verdict is Verdict.ERROR else "",
            unavailable=isinstance(error, EnvironmentUnavailable),
            test=item.nodeid,
        )
        self._attempts.add(report.when, evidence)

    # The end: exit code, matrix, reports.

    # The innermost wrapper, so that an error in writing junit.xml affects nothing else.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int | pytest.ExitCode
    ) -> Iterator[None]:
        """Set the exit code, end all processes, and write the reports."""
        self._code = final_code(int(exitstatus), self.results.exit_code(), self.collection.unread)
        self.run.remarks += self._attempts.notes()
        if self.signals.heard:
            self.run.remarks.append(f"{self.signals.heard.name} ended the run.")
        self.run.close()
        if self.run.left_behind and self._code in (ExitCode.PROVEN, ExitCode.INCONCLUSIVE):
            self._code = ExitCode.TOOL_ERROR
        session.exitstatus = int(self._code)
        self._unwritten = write_reports(self.config.option.reports, self._report)
        try:
            yield
        except OSError as error:
            file = error.filename or self.config.option.xmlpath
            self._unwritten.append(unwritten([file], error.strerror or str(error)))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None]:
        """Print the result below the output of pytest and its plugins."""
        yield
        if self.config.option.no_summary:
            return
        show(self._report, self.config.get_verbosity())
        for sentence in self._unwritten:
            terminalreporter.write_line(sentence, red=True)
        if not self._unwritten:
            terminalreporter.write_line(f"Report: {self.config.option.reports / 'report.html'}")

    def pytest_unconfigure(self) -> None:
        """Print the last line after pytest's, and keep plugins from improving the exit code."""
        if self._session and self._code:
            self._session.exitstatus = int(self._code)
        print(self._report.verdict)

    @cached_property
    def _report(self) -> Report:
        """The report of the ended run."""
        run = self.run
        facts = self._facts.of(run.where(), run.machine(), run.versions)
        return Report.of(
            self.results, self._code, run.schedule.steps, facts, run.notes(), run.ended(policies)
        )

    # Helpers.

    @property
    def _progress(self) -> Progress:
        if not hasattr(self, "_shown"):
            reporter: Any = self.config.pluginmanager.getplugin("terminalreporter")
            live = bool(reporter and reporter.isatty and "NO_COLOR" not in os.environ)
            width = reporter._tw.fullwidth if reporter else 80
            self._shown = Progress(self.run.schedule, self._writer(reporter), live, width)
        return self._shown

    def _writer(self, reporter: Any) -> Callable[[str], None]:
        capture: Any = self.config.pluginmanager.getplugin("capturemanager")

        def write(text: str) -> None:
            with capture.global_and_fixture_disabled() if capture else nullcontext():
                if reporter:
                    reporter.write(text, flush=True)

        return write
