"""A backend with one mistake, really deployed and really used: the right check must notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.checks.kit import Check
from tests.engine.smoke.scenarios.small import Base, SmallRun, broken
from tests.engine.smoke.scenarios.twins_files import expire, quota
from verification.checks.smoke import files as smoke_files
from verification.checks.smoke import links as smoke_links
from verification.checks.smoke import persistence as smoke_persistence
from verification.checks.smoke import repeats as smoke_repeats
from verification.checks.smoke import trial as smoke_trial
from verification.engine.smoke.scenarios import SCENARIOS
from verification.model.verdict import Verdict

pytestmark = pytest.mark.slow

CHECKS: dict[str, tuple[Check, ...]] = {
    "trial": (
        smoke_trial.begins_unused,
        smoke_trial.runs_thirty_days,
        smoke_trial.starts_once,
        smoke_trial.ends,
        smoke_trial.strangers_are_refused,
    ),
    "foreign_tokens": (smoke_trial.strangers_are_refused,),
    "trial_race": (smoke_trial.one_start_wins,),
    "requests_cost": (smoke_trial.each_costs_its_calls,),
    "persistence": (smoke_persistence.survives,),
    "links": (
        smoke_links.are_answered,
        smoke_links.redirects_to_the_target,
        smoke_links.counts_every_click,
        smoke_links.head_counts_no_click,
        smoke_links.lead_to_the_public_address,
        smoke_links.are_listed_in_pages,
        smoke_links.expire_by_ttl,
    ),
    "file_ends": (
        smoke_files.are_sent_once,
        smoke_files.are_deleted_with_their_links,
        expire,
        quota,
    ),
    "lost_answers": (
        smoke_repeats.trials_start_once,
        smoke_repeats.links_change_once,
        smoke_repeats.clicks_keep_their_bound,
    ),
}
READ_FIRST = (
    'str(1 + int(call(self._client, "get_item", TableName=self._urls, Key={"short_code": '
    '{"S": short_code}}).get("Item", {}).get("clicks", {"N": "0"})["N"]))'
)


def reading_first(number: str) -> dict[str, str]:
    """The edits that let a click write a number of its own making."""
    return {
        "**_click_update(now, click_id),": f"**_click_update(now, click_id, {number}),",
        "_click_update(now: datetime, click_id: str)": "_click_update(now, click_id, number)",
        '":one": {"N": "1"}': '":one": {"N": number}',
    }


@dataclass(frozen=True)
class Mistake:
    """An edit of a file of the backend, the scenario that meets it, and the one check it fails."""

    file: str
    edits: dict[str, str]
    scenario: str
    check: Check
    says: str


MISTAKES = {
    "trial of three days": Mistake(
        "user_management.py",
        {"TRIAL_LENGTH = timedelta(days=30)": "TRIAL_LENGTH = timedelta(days=3)"},
        "trial",
        smoke_trial.runs_thirty_days,
        "a running trial: trial_days_remaining is 3; expected 30.",
    ),
    "restart allowed": Mistake(
        "dynamodb_adapter.py",
        {"attribute_not_exists(trial_started_at)": "attribute_not_exists(never)"},
        "trial",
        smoke_trial.starts_once,
        "a second start: the answer is 201; expected 409.",
    ),
    "restart allowed, in a race": Mistake(
        "dynamodb_adapter.py",
        {"attribute_not_exists(trial_started_at)": "attribute_not_exists(never)"},
        "trial_race",
        smoke_trial.one_start_wins,
        "round 1: 50 concurrent starts got 50 x 201",
    ),
    "audience not checked": Mistake(
        "identity.py",
        {"if claims.get(claim) != self._settings.client_id:": "if claim == '':"},
        "foreign_tokens",
        smoke_trial.strangers_are_refused,
        "GET /api/me/trial with a token of another client: the answer is 200; expected 401.",
    ),
    "SQLite despite the flag": Mistake(
        "wsgi.py",
        {"if config.use_dynamodb:": "if config is None:"},
        "persistence",
        smoke_persistence.survives,
        "trial after a redeploy: its fields are tier = 'free'",
    ),
    "expired link redirects": Mistake(
        "dynamodb_adapter.py",
        {
            "if link.is_over(now):": "if link is None:",
            "expires_at_ttl > :seconds": "expires_at_ttl <> :seconds",
        },
        "links",
        smoke_links.are_answered,
        "expired: the answer is 302; expected 410.",
    ),
    "clicks read, then written": Mistake(
        "dynamodb_adapter.py",
        {
            "last_click = :id ADD clicks :one": "last_click = :id, clicks = :one",
            **reading_first(READ_FIRST),
        },
        "links",
        smoke_links.counts_every_click,
        "clicks: the count is ",
    ),
    "HEAD counted": Mistake(
        "routes/redirect.py",
        {'if request.method == "HEAD"': 'if request.method == "TRACE"'},
        "links",
        smoke_links.head_counts_no_click,
        "HEAD: the count is 1; expected 0.",
    ),
    "address by the Host header": Mistake(
        "routes/links.py",
        {"{services().config.public_url}/{link.short_code}": "{request.host_url}{link.short_code}"},
        "links",
        smoke_links.lead_to_the_public_address,
        "a link made with another Host: its URL is 'http://elsewhere.example/",
    ),
    "address by X-Forwarded-Host": Mistake(
        "routes/links.py",
        {
            "{services().config.public_url}/": "http://"
            "{request.headers.get('X-Forwarded-Host', services().config.public_url[7:])}/"
        },
        "links",
        smoke_links.lead_to_the_public_address,
        "a link made with another X-Forwarded-Host: its URL is 'http://elsewhere.example/",
    ),
    "links read twice for a click": Mistake(
        "dynamodb_adapter.py",
        reading_first(f"str(min(1, int({READ_FIRST})))"),
        "requests_cost",
        smoke_trial.each_costs_its_calls,
        "redirect: 5 requests made 10 x GetItem urls, 5 x UpdateItem urls.",
    ),
    "unknown codes written": Mistake(
        "dynamodb_adapter.py",
        {"        self.get_link(short_code, now)\n": ""},
        "requests_cost",
        smoke_trial.each_costs_its_calls,
        "unknown code: 5 requests made 5 x UpdateItem urls. Make one GetItem urls per request.",
    ),
    "files sent over and over": Mistake(
        "uploads.py",
        {'            IfNoneMatch="*",\n': "", ', "If-None-Match": "*"}': "}"},
        "file_ends",
        smoke_files.are_sent_once,
        "upload again: the answer is 200; expected 412.",
    ),
    "files left behind": Mistake(
        "routes/links.py",
        {"services().uploads.delete(found.file_key)": "pass"},
        "file_ends",
        smoke_files.are_deleted_with_their_links,
        "delete while S3 is away: the answer is 204; expected 503.",
    ),
    "links deleted before their files": Mistake(
        "routes/links.py",
        {
            "services().uploads.delete(found.file_key)": "pass",
            "store.delete_link(user.user_id, short_code, found.file_key)": "store.delete_link("
            "user.user_id, short_code, found.file_key)\n"
            "            services().uploads.delete(found.file_key)",
        },
        "file_ends",
        smoke_files.are_deleted_with_their_links,
        "redirect after that: the answer is 404; expected 302.",
    ),
    "files without a lifetime": Mistake(
        "uploads.py",
        {"uploads/{days}-days/{user_id}": "uploads/{user_id}"},
        "file_ends",
        expire,
        "a file for 5 days: no rule of the bucket expires its object.",
    ),
    "files that end too early": Mistake(
        "uploads.py",
        {"uploads/{days}-days/{user_id}": "uploads/1-days/{user_id}"},
        "file_ends",
        expire,
        "a file for 5 days: its object expires -",
    ),
    "files counted without a condition": Mistake(
        "dynamodb_files.py",
        {"file_claims_id = :known": "file_claims_id = :known OR file_claims_id <> :known"},
        "file_ends",
        quota,
        "the quota: concurrent requests for one free place got ",
    ),
    "deleted files count": Mistake(
        "routes/links.py",
        {"store.release_file(user.user_id, found.file_key)": "pass"},
        "file_ends",
        quota,
        "after a delete: the answer is 409; expected 201.",
    ),
    "expired files count": Mistake(
        "dynamodb_files.py",
        {"if one.expires_at > now]": "if one.expires_at]"},
        "file_ends",
        quota,
        "after an expiry: the answer is 409; expected 201.",
    ),
    "repeated clicks counted again": Mistake(
        "dynamodb_adapter.py",
        {"last_click <> :id": "last_click <> :text"},
        "lost_answers",
        smoke_repeats.links_change_once,
        "click, its first answer lost: clicks is 2; expected 1.",
    ),
    "repeated claims made once more": Mistake(
        "dynamodb_files.py",
        {"if _name(claim.key) in [one.key for one in claims]:": "if claims is None:"},
        "lost_answers",
        smoke_repeats.links_change_once,
        "count a file, its first answer lost: 0 and then 1 attempts failed, of 1 and then 2 calls.",
    ),
    "repeated deletions refused": Mistake(
        "dynamodb_adapter.py",
        {"if refusal.item is not None or not refusal.repeated:": "if refusal:"},
        "lost_answers",
        smoke_repeats.links_change_once,
        "delete, its first answer lost: the answer is 404; expected 204.",
    ),
    "a taken alias called one's own when repeated": Mistake(
        "dynamodb_adapter.py",
        {"if not is_own_write(refusal, write_id):": "if not refusal.repeated:"},
        "lost_answers",
        smoke_repeats.links_change_once,
        "take another user's alias, its first attempt throttled: the answer is 201; expected 409.",
    ),
    "a used trial called started when repeated": Mistake(
        "dynamodb_adapter.py",
        {"if is_own_write(refusal, write_id):": "if refusal.repeated:"},
        "lost_answers",
        smoke_repeats.trials_start_once,
        "start a trial that was used, its first attempt throttled: the answer is 201; expected 409",
    ),
    "repeated deletions of others' links called successes": Mistake(
        "dynamodb_adapter.py",
        {"if refusal.item is not None or not refusal.repeated:": "if not refusal.repeated:"},
        "lost_answers",
        smoke_repeats.links_change_once,
        "delete another user's link, its first answer lost: the answer is 204; expected 404.",
    ),
    "repeated trials called used": Mistake(
        "dynamodb_adapter.py",
        {"if is_own_write(refusal, write_id):": "if refusal is None:"},
        "lost_answers",
        smoke_repeats.trials_start_once,
        "start the trial, its first answer lost: the answer is 409; expected 201.",
    ),
}


def failures(run: SmallRun, scenario: str) -> dict[Check, list[str]]:
    """What each check of a scenario says against what it saw, by check."""
    seen = next(one for one in SCENARIOS if one.name == scenario)(run, "dev")
    found = {check: check(seen) for check in CHECKS[scenario]}
    return {
        check: [str(f) for f in findings if f.verdict is not Verdict.PASS]
        for check, findings in found.items()
    }


@pytest.mark.parametrize("scenario", CHECKS)
def test_our_own_backend_passes(base: Base, tmp_path: Path, scenario: str) -> None:
    """The mistakes are the only reason to fail: without one, everything passes."""
    found = failures(SmallRun(*base, tmp_path), scenario)
    assert not any(found.values()), found


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_noticed(base: Base, tmp_path: Path, name: str) -> None:
    """A backend with one mistake fails the check that is about it, and no other."""
    mistake = MISTAKES[name]
    image = broken(tmp_path / "image", mistake.file, mistake.edits)
    found = failures(SmallRun(*base, tmp_path, image), mistake.scenario)
    assert [check for check, failed in found.items() if failed] == [mistake.check], found
    assert any(text.startswith(mistake.says) for text in found[mistake.check])
