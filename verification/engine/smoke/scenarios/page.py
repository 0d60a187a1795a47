"""The page in a browser: a trial from sign-in to its end, and an invited user."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from botocore.exceptions import ClientError

from verification.engine.smoke.browser import Browser, Response, find_chromium, open_chromium
from verification.engine.smoke.http_session import Session
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.engine.smoke.stage import EmbeddedStage, Stage
from verification.engine.smoke.users import User, invite, new_password
from verification.engine.smoke.visitor import (
    DESK,
    PHONE,
    Steps,
    Visitor,
    hosts_of,
    public_url,
)
from verification.model.smoke.page import InvitationSeen, Visit

_CODE = "x-moto-forgot-password-confirmation-code"


@scenario
def trial_page(stages: Stages, environment: str) -> tuple[Visit, ...]:
    """A new user signs in, starts the trial and sees it end; once by pointer, once by keyboard."""
    find_chromium(os.environ)  # Before the stage is created.
    with stages.stage(environment, "trial_page") as stage, _browser(stage) as browser:
        pictures, url = _pictures(stages), stage.deployment.base_url
        phone = Visitor(stage, browser, public_url(stage), PHONE, "pointer", pictures)
        desk = Visitor(stage, browser, url, DESK, "keyboard", pictures)
        return tuple(visitor.visit(_trial(visitor)) for visitor in (phone, desk))


@scenario
def invitation(stages: Stages, environment: str) -> InvitationSeen:
    """A sign-up without an invitation; an invited user sets, uses and resets a password."""
    find_chromium(os.environ)
    with stages.embedded(environment, "invitation") as stage, _browser(stage) as browser:
        refusal = _sign_up(stage)
        email = "invited@example.com"
        user = invite(stage.client("cognito-idp"), stage.outputs["user_pool_id"], email)
        url, pictures = public_url(stage), _pictures(stages)
        visitor = Visitor(stage, browser, url, DESK, "keyboard", pictures, "invitation")
        return InvitationSeen(refusal, visitor.visit(_first_day(visitor, user)))


@contextmanager
def _browser(stage: Stage) -> Iterator[Browser]:
    with open_chromium(os.environ, stage.folder, stage.sealed, hosts_of(stage)) as browser:
        yield browser


def _pictures(stages: Stages) -> Path:
    return stages.reports.resolve() / "screenshots"


def _trial(visitor: Visitor) -> Steps:
    """The states of a trial."""
    user = visitor.stage.deployment.user(f"page-{visitor.by}")
    return [
        ("signed-out", visitor.open),
        ("new", lambda: visitor.fill_in("Sign in", email=user.email, password=user.password)),
        ("running", lambda: visitor.press("start-trial")),
        ("over", lambda: _let_it_end(visitor, user)),
        ("failed", lambda: _break(visitor)),
    ]


def _let_it_end(visitor: Visitor, user: Session) -> None:
    """Move the trial into the past, and reload the page."""
    now = datetime.now(UTC)
    moved = {
        ":started": {"S": (now - timedelta(days=31)).isoformat()},
        ":expires": {"S": (now - timedelta(days=1)).isoformat()},
    }
    visitor.stage.client("dynamodb").update_item(
        TableName=visitor.stage.outputs["users_table_name"],
        Key={"user_id": {"S": user.user_id}},
        UpdateExpression="SET trial_started_at = :started, trial_expires_at = :expires",
        ExpressionAttributeValues=moved,
    )
    visitor.page.reload()


def _break(visitor: Visitor) -> None:
    """Answer 503 in the browser instead of the service; its console errors are expected then."""
    visitor.watch.listening = False
    visitor.page.route("**/api/me/trial", lambda route: route.fulfill(status=503, body="{}"))
    visitor.page.reload()


def _first_day(visitor: Visitor, user: User) -> Steps:
    """The states of an invited user: first sign-in, renewed token, sign-out, forgotten password."""
    first, second = new_password(), new_password()
    fill, send, save = visitor.fill_in, "Send a code", "Save and sign in"
    code: list[str] = []

    def ask_for_code() -> None:
        with visitor.page.expect_response(_carries_code) as told:
            fill(send, forgot_email=user.email)
        code.append(told.value.header_value(_CODE) or "")

    return [
        ("signed-out", visitor.open),
        ("first-password", lambda: fill("Sign in", email=user.email, password=user.password)),
        ("new", lambda: fill("Save and go on", first_password_new=first)),
        ("new", lambda: _be_away(visitor)),
        ("signed-out", lambda: visitor.press("sign-out")),
        ("forgot", lambda: visitor.press("forgot-password")),
        ("reset", ask_for_code),
        ("new", lambda: fill(save, reset_code=code[0], reset_password=second)),
    ]


def _carries_code(response: Response) -> bool:
    return _CODE in response.headers


def _be_away(visitor: Visitor) -> None:
    """Replace the token by one that expired an hour ago, and reload the page."""
    expired = int((datetime.now(UTC) - timedelta(hours=1)).timestamp())
    payload = base64.urlsafe_b64encode(json.dumps({"exp": expired}).encode()).decode()
    keep = "token => sessionStorage.setItem('fileshare.token', token)"
    visitor.page.evaluate(keep, f"e30.{payload}.e30")
    visitor.page.reload()


def _sign_up(stage: EmbeddedStage) -> str:
    """The error code of SignUp without an invitation, or ""."""
    try:
        stage.client("cognito-idp").sign_up(
            ClientId=stage.outputs["user_pool_client_id"],
            Username="uninvited@example.com",
            Password=new_password(),
        )
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""
