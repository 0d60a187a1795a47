"""The target of a run: the options that choose it, and what is different on a real account."""

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

ALLOWED = "FILESHARE_ALLOWED_ACCOUNTS"
_ACCOUNT = re.compile(r"\d{12}")
_NOT_BUILT = ("sandbox", "rehearse")


def add_options(group: pytest.OptionGroup) -> None:
    """Add the options of the target."""
    group.addoption(
        "--target",
        choices=("embedded", "aws"),
        default="embedded",
        help="AWS behind the smoke rung: embedded (default), or aws, a deployment in an account",
    )
    group.addoption(
        "--allow-account",
        action="append",
        default=[],
        metavar="ID",
        help=f"aws: account that may be written to; may be given again (default: {ALLOWED})",
    )
    group.addoption(
        "--base-url",
        default="",
        metavar="URL",
        help="aws: where the application answers (default: Terraform's output, or the task's "
        "PUBLIC_URL)",
    )
    group.addoption(
        "--region",
        default="",
        metavar="NAME",
        help="aws: where the stack is (default: Terraform's output, or what boto3 finds)",
    )
    group.addoption(
        "--terraform-outputs",
        type=Path,
        metavar="FILE",
        help="aws: what `terraform output -json` printed (default: found from the ECS service)",
    )


def choose_target(
    option: Namespace, contract: Contract, rungs: Sequence[str], environments: Sequence[str]
) -> AwsTarget | None:
    """The account to verify, as the options say; None for the embedded AWS.

    Raises:
        ContractError: the options do not go together, or one makes no sense.
    """
    given = [name for name, value in _of_aws(option).items() if value]
    if option.target == "embedded":
        if given:
            raise ContractError(f"{', '.join(given)}: only with --target aws")
        return None
    if refused := [rung for rung in rungs if rung in _NOT_BUILT]:
        raise ContractError(
            f"--target aws: the {refused[0]} rung applies and destroys, on the embedded AWS only; "
            "name another rung, such as verification/smoke"
        )
    if len(environments) != 1 or not option.environment:
        raise ContractError("--target aws: name exactly one --environment")
    return AwsTarget(_settings(option, environments[0]), contract, os.environ)


class TargetPlugin:
    """Lets a run against an account begin only if that is allowed, and with what works there."""

    def __init__(self, run: Run, target: AwsTarget) -> None:
        self._run, self._target = run, target

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave out what needs the embedded AWS, and say so."""
        left_out = {item: mark for item in items if (mark := item.get_closest_marker("embedded"))}
        if left_out:
            why = Counter(str(mark.args[0]) for mark in left_out.values())
            reasons = "; ".join(f"{count} {reason}" for reason, count in why.items())
            self._run.remarks.append(
                f"{len(left_out)} tests are for the embedded AWS only and were left out: {reasons}"
            )
            config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> Iterator[None]:
        """End the run before its first test, unless account and application are as they must be.

        What judges all others goes last, whatever another plugin did to the order.
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
    }


def _settings(option: Namespace, environment: str) -> Settings:
    accounts = option.allow_account or os.environ.get(ALLOWED, "").replace(",", " ").split()
    if wrong := [account for account in accounts if not _ACCOUNT.fullmatch(account)]:
        raise ContractError(f"{wrong[0]} is no account id: write its twelve digits")
    if not accounts:
        raise ContractError(
            f"--target aws: say which account may be written to, with --allow-account or {ALLOWED}"
        )
    if option.region and option.region not in regions():
        raise ContractError(f"--region {option.region}: AWS has no such region")
    parts = urlsplit(option.base_url)
    if option.base_url and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise ContractError(f"--base-url {option.base_url}: write it as https://host")
    return Settings(
        environment=environment,
        accounts=frozenset(accounts),
        base_url=option.base_url.rstrip("/"),
        region=option.region,
        outputs=option.terraform_outputs,
    )
