"""Runs checkov; the only file here that .venv-checkov's Python executes.

`driver.py REQUEST ANSWER` reads one JSON file and writes another; the package's `scan` is its only
caller. checkov is imported once and forked for each scan, so that scans do not share registries.
Each scan runs checkov's own main with command-line arguments, so its findings are those of the
command. Added is what its reports leave out: undecided results, policies that crashed, and the
loaded rules.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, cast

# Objects created by imports are permanent. Collecting garbage among them took 0.7 s of 3.4, so
# main() freezes them, also for the forks.
gc.disable()

import ply.yacc
from bc_jsonpath_ng.ext import parse as parse_jsonpath
from checkov.common.checks.base_check import BaseCheck
from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.common.graph.checks_infra.registry import BaseRegistry
from checkov.common.models.enums import CheckResult
from checkov.common.output.report import Report
from checkov.main import Checkov
from checkov.runner_filter import RunnerFilter
from checkov.terraform.checks.data.registry import data_registry
from checkov.terraform.checks.module.registry import module_registry
from checkov.terraform.checks.provider.registry import provider_registry
from checkov.terraform.checks.resource.registry import resource_registry
from checkov.version import version

REGISTRIES = (resource_registry, data_registry, provider_registry, module_registry)
VERDICTS = {
    CheckResult.PASSED: "pass",
    CheckResult.FAILED: "fail",
    CheckResult.SKIPPED: "skip",
    CheckResult.UNKNOWN: "unknown",
}


class _Silent(Checkov):  # type: ignore[misc]
    """checkov's command, without its own report."""

    def print_results(self, **_: Any) -> int:
        return 0


class _Log(logging.Handler):
    """Collects checkov's warnings, because it exits 0 despite them."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        cause = f": {record.exc_info[1]!r}" if record.exc_info else ""
        self.lines.append(f"{record.getMessage().rstrip(': ')}{cause}")


class _Scan:
    """One scan, in a separate process."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._request = request
        self._undecided: list[Any] = []
        self._crashes: list[str] = []
        self._log = _Log()

    def run(self) -> dict[str, Any]:
        if self._request["mark_unknown"]:
            os.environ["EVAL_TF_PLAN_AFTER_UNKNOWN"] = "1"
        logging.getLogger().addHandler(self._log)
        self._keep_undecided()
        self._keep_crashes()
        command = _Silent(_arguments(self._request))
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            code = None
            with suppress(SystemExit):
                code = command.run()
        reports = command.scan_reports
        records = [r for report in reports for r in report.get_all_records()] + self._undecided
        return {
            "name": self._request["name"],
            "error": "" if code == 0 and reports else "; ".join(self._log.lines) or "no runner ran",
            "rules": _rules(),
            "resources": sorted({str(name) for report in reports for name in report.resources}),
            "results": [_result(record) for record in records],
            "unparsed": sorted({file for report in reports for file in report.parsing_errors}),
            "crashes": self._crashes,
            "log": self._log.lines,
        }

    def _keep_undecided(self) -> None:
        """Keep records with the result UNKNOWN, which reports drop."""
        add = Report.add_record

        def add_record(report: Report, record: Any) -> None:
            add(report, record)
            if record.check_result["result"] == CheckResult.UNKNOWN:
                self._undecided.append(record)

        Report.add_record = add_record

    def _keep_crashes(self) -> None:
        """Record crashes: checkov reports UNKNOWN for a Python policy, nothing for a YAML one."""
        log_error, run_graph_check = BaseCheck.log_check_error, BaseRegistry.run_check_parallel

        def log_check_error(check: BaseCheck, *args: Any, **named: Any) -> None:
            where = f"{named.get('entity_type')}.{named.get('entity_name')}"
            self._crashes.append(f"{check.id} on {where}: {sys.exc_info()[1]!r}")
            log_error(check, *args, **named)

        def run_check_parallel(registry: BaseRegistry, check: Any, *args: Any) -> None:
            try:
                run_graph_check(registry, check, *args)
            except Exception as error:
                self._crashes.append(f"{check.id}: {error!r}")

        BaseCheck.log_check_error = log_check_error
        BaseRegistry.run_check_parallel = run_check_parallel


def _arguments(request: dict[str, Any]) -> list[str]:
    """The command line of a scan. Tests of modules make nothing, but checkov reads every .hcl."""
    arguments = ["--framework", request["framework"], "--skip-download", "--output", "json"]
    arguments += ["--skip-path", r"\.tftest\.hcl$"]
    for path in request["paths"]:
        arguments += ["--directory" if Path(path).is_dir() else "--file", path]
    for folder in request["policies"]:
        arguments += ["--external-checks-dir", folder]
    if request["rules"]:
        arguments += ["--check", ",".join(request["rules"])]
    return arguments


def _rules() -> list[dict[str, Any]]:
    """The rules for Terraform, each once, although registered for many types."""
    checks = [check for registry in REGISTRIES for _, check in registry.all_checks()]
    checks += get_graph_checks_registry("terraform").checks
    found: dict[str, dict[str, Any]] = {}
    for check in checks:
        found[check.id] = {
            "id": check.id,
            "name": check.name,
            "severity": check.severity.name.lower() if check.severity else "",
            "guideline": check.guideline or "",
            "ours": RunnerFilter.is_external_check(check.id),
        }
    return list(found.values())


def _result(record: Any) -> dict[str, Any]:
    first, last = record.file_line_range
    return {
        "rule": record.check_id,
        "address": record.resource_address or record.resource,
        "verdict": VERDICTS[record.check_result["result"]],
        "file": record.file_abs_path,
        "lines": [first, last],
        "caller": record.caller_file_path or "",
        "comment": record.check_result.get("suppress_comment") or "",
        "details": list(record.details or []),
    }


def _keep_jsonpath_parser() -> None:
    """checkov reads JSONPath by a parser whose tables are made for each path: a fifth of a scan."""
    make, made = ply.yacc.yacc, {}

    def yacc(**options: Any) -> Any:
        kind = type(options["module"]), options["start"]
        if kind not in made:
            made[kind] = make(**options)
        return made[kind]

    ply.yacc.yacc = yacc
    parse_jsonpath("$")


def _in_child(request: dict[str, Any], answer: Connection) -> None:
    try:
        found = _Scan(request).run()
    except BaseException as error:
        found = {"name": request["name"], "error": repr(error)}
    answer.send(found)


def _scans(requests: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Fork for each scan, at most one per processor; yields results as they finish."""
    context = get_context("fork")
    waiting = list(requests)
    running: dict[Any, tuple[str, Any]] = {}
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            receiver, sender = context.Pipe(duplex=False)
            request = waiting.pop(0)
            child = context.Process(target=_in_child, args=(request, sender))
            child.start()
            sender.close()
            running[receiver] = (request["name"], child)
        for answer in wait(list(running)):
            name, child = running.pop(answer)
            try:
                yield cast(Connection, answer).recv()
            except EOFError:
                yield {"name": name, "error": "checkov's process ended without an answer"}
            child.join()


def main() -> None:
    """Process the request."""
    request, answer = map(Path, sys.argv[1:])
    # checkov searches for configuration files next to each folder on its command line.
    sys.argv = ["checkov"]
    _keep_jsonpath_parser()
    gc.freeze()
    gc.enable()
    scans = list(_scans(json.loads(request.read_text(encoding="utf-8"))))
    answer.write_text(json.dumps({"version": version, "scans": scans}), encoding="utf-8")


if __name__ == "__main__":
    main()
