"""Collection: which tests exist, which are selected, and whether each may prove its criterion."""

from __future__ import annotations

from collections.abc import Collection as Names
from collections.abc import Generator
from typing import NoReturn

import pytest

from verification.engine.run.run import Run
from verification.model.criteria import RUNGS
from verification.model.proofs import Proof
from verification.model.results import Results
from verification.plugin.items import (
    asks_account,
    check_of,
    environment_of,
    named_by,
    rung_of,
    runs_on,
    unlisted,
)


class Collection:
    """The hooks of collection.

    Args:
        run: gets a remark for each file that could not be read; knows the target.
        results: get every required test.
        of_changes: the criteria that are left out, because there is no base.
    """

    def __init__(self, run: Run, results: Results, of_changes: Names[str]) -> None:
        self._run, self._results, self._of_changes = run, results, of_changes
        self.unread = False

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Record all tests before anything deselects some."""
        report = yield
        for item in report.result or ():
            if isinstance(item, pytest.Item) and named_by(item) in self._results.criteria:
                proof = Proof(
                    item.nodeid, named_by(item), rung_of(item), check_of(item), environment_of(item)
                )
                asked = self._is_asked(item)
                (self._results.proofs.expect if asked else self._results.proofs.excuse)(proof)
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Add a remark for a file that could not be read."""
        if report.failed:
            self.unread = True
            said = [
                line[1:].strip() for line in str(report.longrepr).splitlines() if line[:1] == "E"
            ]
            why = said[-1] if said else "see pytest's output"
            self._run.remarks.append(f"{report.nodeid} could not be read: {why}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Mark each test with its rung.

        Tests of a change are removed without a base, tests that need a real account without one.
        """
        for item in items:
            if rung_of(item) not in RUNGS:
                _refuse(items, f"{item.nodeid} is not on a rung; run it separately.")
        items[:] = [
            item
            for item in items
            if named_by(item) not in self._of_changes
            and (self._run.aws or not asks_account(item, self._results.criteria))
        ]
        if faults := unlisted(items, self._results.criteria):
            _refuse(items, "\n".join(faults))
        for item in items:
            item.add_marker(rung_of(item))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Record the selected tests."""
        self._results.proofs.select(item.nodeid for item in session.items)

    def _is_asked(self, item: pytest.Item) -> bool:
        """Whether the run's target has a test."""
        if self._run.aws:
            return runs_on(item, self._run.aws)
        return not asks_account(item, self._results.criteria)


def _refuse(items: list[pytest.Item], why: str) -> NoReturn:
    """End the run with no items, because pytest finishes its collection anyway."""
    items.clear()
    raise pytest.UsageError(why)
