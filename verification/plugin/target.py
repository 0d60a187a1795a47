"""The target of a run: its options, and what differs on a real account."""

from __future__ import annotations

import os
import re
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from verification.engine.errors import EngineError, EnvironmentUnavailable
from verification.engine.run.run import Run
from verification.engine.smoke.account import AwsTarget, Settings, regions
from verification.model.contract import Contract
from verification.model.data_file import ContractError
from verification.model.results import ExitCode
from verification.plugin.items import runs_on

ALLOWED = "FILESHARE_ALLOWED_ACCOUNTS"
_ACCOUNT = re.compile(r"\d{12}")
_NOT_BUILT = ("sandbox", "rehearse")


def add_options(group: pytest.OptionGroup) -> None:
    """Add the target's options."""
    group.addoption(
        "--target",
        choices=("embedded", "aws"),
        default="embedded",
        help="target of the smoke rung: embedded (default), or aws, a deployment in an account",
    )
    group.addoption(
        "--allow-account",
        action="append",
        default=[],
        metavar="ID",
        help=f"aws: id of an account that may be written to; repeatable (default: {ALLOWED})",
    )
    group.addoption(
        "--base-url",
        default="",
        metavar="URL",
        help="aws: URL of the application (default: Terraform's output, or the task's PUBLIC_URL)",
    )
    group.addoption(
        "--region",
        default="",
        metavar="NAME",
        help="aws: region of the stack (default: Terraform's output, or boto3's default)",
    )
    group.addoption(
        "--terraform-outputs",
        type=Path,
        metavar="FILE",
        help="aws: file made by `terraform output -json` (default: read from the ECS service)",
    )

    group.addoption(
        "--read-only",
        action="store_true",
        help="aws: run only the tests that change no user, item or task",
    )


def choose_target(
    option: Namespace, contract: Contract, rungs: Sequence[str], environments: Sequence[str]
) -> AwsTarget | None:
    """The account to verify, according to the options; None for the embedded AWS.

    Raises:
        ContractError: the options contradict each other, or one is invalid.
    """
    given = [name for name, value in _of_aws(option).items() if value]
    if option.target == "embedded":
        if given:
            raise ContractError(f"{', '.join(given)}: allowed only with --target aws")
        return None
    if refused := [rung for rung in rungs if rung in _NOT_BUILT]:
        raise ContractError(
            f"--target aws: the {refused[0]} rung applies and destroys, on the embedded AWS only; "
            "select another rung, such as verification/smoke"
        )
    if len(environments) != 1 or not option.environment:
        raise ContractError("--target aws: expected exactly one --environment")
    return AwsTarget(_settings(option, environments[0]), contract, os.environ)


class TargetPlugin:
    """Checks the account before a run against it, and leaves out tests that cannot run there."""

    def __init__(self, run: Run, target: AwsTarget) -> None:
        self._run, self._target = run, target

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave out the tests that need the embedded AWS or may not write, and add a remark."""
        left_out = {item: mark for item in items if (mark := item.get_closest_marker("embedded"))}
        if left_out:
            why = Counter(str(mark.args[0]) for mark in left_out.values())
            reasons = "; ".join(f"{count} {reason}" for reason, count in why.items())
            self._run.remarks.append(
                f"{len(left_out)} tests need the embedded AWS and were left out: {reasons}"
            )
        kept = [item for item in items if item not in left_out]
        writing = [item for item in kept if not runs_on(item, self._target)]
        if writing:
            self._run.remarks.append(
                f"{len(writing)} tests change users, items or tasks and were left out: --read-only"
            )
        config.hook.pytest_deselected(items=[*left_out, *writing])
        items[:] = [item for item in kept if item not in writing]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> Iterator[None]:
        """End the run before its first test if account or application are not as required.

        Tests marked `last` run last, regardless of other plugins.
        """
        session.items.sort(key=lambda item: item.get_closest_marker("last") is not None)
        if session.items and not session.testsfailed:
            try:
                self._target.open()
            except EngineError as error:
                lacking = isinstance(error, EnvironmentUnavailable)
                code = ExitCode.ENVIRONMENT_UNAVAILABLE if lacking else ExitCode.TOOL_ERROR
                pytest.exit(str(error), int(code))
        yield


def _of_aws(option: Namespace) -> dict[str, object]:
    return {
        "--allow-account": option.allow_account,
        "--base-url": option.base_url,
        "--region": option.region,
        "--terraform-outputs": option.terraform_outputs,
        "--read-only": option.read_only,
    }


def _settings(option: Namespace, environment: str) -> Settings:
    accounts = option.allow_account or os.environ.get(ALLOWED, "").replace(",", " ").split()
    if wrong := [account for account in accounts if not _ACCOUNT.fullmatch(account)]:
        raise ContractError(f"{wrong[0]} is not an account id; expected twelve digits")
    if not accounts:
        raise ContractError(
            f"--target aws: set the account that may be written to, by --allow-account or {ALLOWED}"
        )
    if option.region and option.region not in regions():
        raise ContractError(f"--region {option.region}: not an AWS region")
    parts = urlsplit(option.base_url)
    if option.base_url and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise ContractError(f"--base-url {option.base_url}: expected https://host")
    return Settings(
        environment=environment,
        accounts=frozenset(accounts),
        base_url=option.base_url.rstrip("/"),
        region=option.region,
        outputs=option.terraform_outputs,
        read_only=option.read_only,
    )
