"""A module's own tests, as `terraform test` runs them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from verification.engine.terraform.cli import Terraform
from verification.engine.terraform.diagnostics import Diagnostic, as_known, diagnostics
from verification.model.module_tests import ModuleRun

Message = Mapping[str, Any]
# A provider that is not mocked may be told whom to be, and reach an account.
_PROVIDER = re.compile(r'^\s*provider\s+"|"provider"\s*:', re.MULTILINE)
# A module within the module, or one that a run is about, which Terraform wants installed.
_CALL = re.compile(r'^\s*module\s*["{]|"module"\s*:', re.MULTILINE)


def run_tests(module: Terraform) -> tuple[ModuleRun, ...]:
    """Run a module's tests, if it has any; where it has, something is said of them."""
    files = list(_files(module.directory))
    if refused := [run for file in files for run in _refused(file, module.directory)]:
        return tuple(refused)
    if not files:
        return ()
    if any(_CALL.search(_text(file)) for file in (*files, *module.directory.glob("*.tf"))):
        module.get()
    first = as_known(str(files[0]), module.directory)
    messages = module.test()
    runs = tuple(_runs(messages, module.directory, first))
    ends = (one["test_summary"]["status"] for one in messages if "test_summary" in one)
    if any(run.status != "pass" for run in runs) or (runs and "pass" in ends):
        return runs
    return (*runs, ModuleRun(first, "", "error", ("Terraform did not say that a run passed",)))


def _runs(messages: Iterable[Message], directory: Path, first: str) -> Iterator[ModuleRun]:
    """What Terraform's messages say of each run; `first` is the file to name where they do not."""
    said: dict[tuple[str, str], list[Diagnostic]] = {}
    ended: dict[tuple[str, str], str] = {}
    for one in messages:
        key = one.get("@testfile", ""), one.get("@testrun", "")
        if status := one.get("test_run", {}).get("status"):
            ended[key] = status
        if one.get("diagnostic", {}).get("severity") == "error":
            said.setdefault(key, []).extend(diagnostics([one["diagnostic"]], directory))
    for file, name in dict.fromkeys((*ended, *said)):
        wrong = said.get((file, name), [])
        known = as_known(file, directory) if file else first
        status = ended.get((file, name), "error")
        texts = tuple(_sentence(one) for one in wrong)
        yield ModuleRun(known, name, status, texts, wrong[0].source if wrong else "")


def _files(directory: Path) -> Iterator[Path]:
    """Where `terraform test` looks for tests."""
    for folder in (directory, directory / "tests"):
        yield from sorted((*folder.glob("*.tftest.hcl"), *folder.glob("*.tftest.json")))


def _refused(file: Path, directory: Path) -> Iterator[ModuleRun]:
    text = _text(file)
    if found := _PROVIDER.search(text):
        name = as_known(str(file), directory)
        line = text[: found.end()].count("\n") + 1
        said = "configures a provider, which could reach an account: write mock_provider"
        yield ModuleRun(name, "", "error", (said,), f"{name}:{line}")


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def _sentence(said: Diagnostic) -> str:
    detail = " ".join(said.detail.split()).rstrip(".")
    return f"{said.summary}: {detail}" if detail else said.summary
