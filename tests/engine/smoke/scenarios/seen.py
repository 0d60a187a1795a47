"""What each scenario sees where all is well: the twins change one thing of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.kit import REPOSITORY
from verification.checks.smoke import files as smoke_files
from verification.checks.smoke import repeats as smoke_repeats
from verification.checks.smoke.links import ANSWERS, FILE_ANSWERS
from verification.model.contract import load_contract
from verification.model.smoke.faults import HotLinkSeen, Reply, StoreAwaySeen
from verification.model.smoke.files import FilesSeen, SharedFile
from verification.model.smoke.load import Endpoint
from verification.model.smoke.lost_answers import LostAnswersSeen, Outcome
from verification.model.smoke.observations import (
    CallsSeen,
    CompleteRollbackSeen,
    FileSeen,
    Holdings,
    LinksSeen,
    PersistenceSeen,
    QuickRollbackSeen,
    RaceSeen,
    RestoredTable,
    RestoreSeen,
    RolloutSeen,
    StabilitySeen,
    StrangersSeen,
    TrialSeen,
    WiringSeen,
)
from verification.model.smoke.traffic import Failure, Traffic

UNUSED = {
    "tier": "free",
    "trial_used": False,
    "trial_started_at": None,
    "trial_expires_at": None,
    "trial_days_remaining": 0,
}
RUNNING = {
    "tier": "premium",
    "trial_used": True,
    "trial_started_at": "2026-01-01T12:00:00.000000Z",
    "trial_expires_at": "2026-01-31T12:00:00.000000Z",
    "trial_days_remaining": 30,
}
OVER = RUNNING | {"tier": "free", "trial_days_remaining": 0}
TARGET = "https://example.com/a"

TRIAL = TrialSeen(UNUSED, 201, RUNNING, 409, OVER, 409, {"nobody": 401, "garbage": 401}, ())
FOREIGN = StrangersSeen({"a token of another client": 401}, ())
RACE = RaceSeen(((201, *[409] * 49),) * 10, (True,) * 10, ())
CALLS = CallsSeen(
    2,
    {
        "status": ("GetItem app-dev-users",) * 2,
        "start trial": ("UpdateItem app-dev-users",) * 2,
        "shorten": ("PutItem app-dev-urls",) * 2,
        "redirect": ("GetItem app-dev-urls", "UpdateItem app-dev-urls") * 2,
        "unknown code": ("GetItem app-dev-urls",) * 2,
    },
    (),
)
BEFORE = Holdings(RUNNING, ("abc",), (302, TARGET), 1, 1)
AFTER = Holdings(RUNNING, ("abc",), (302, TARGET), 2, 2)
LOST = Holdings(UNUSED, (), (404, ""), 0, 2)
KEPT = PersistenceSeen(BEFORE, {"a redeploy": AFTER}, ())
FORGOTTEN = PersistenceSeen(BEFORE, {"a redeploy": LOST}, ())
PUBLIC_URL = "https://share.example.com"
HANDED_OUT = {"a link made with another Host": (f"{PUBLIC_URL}/a", "a")}
LINKS = LinksSeen(
    ANSWERS, TARGET, TARGET, 41, 41, 0, ("a", "b", "c"), (("a", "b"), ("c",)), 2, 1000, 1000, 0,
    PUBLIC_URL, HANDED_OUT, (),
)  # fmt: skip
USUAL = {
    name: Outcome(status, {"links": 1}, 1, 0)
    for name, status in (smoke_repeats.TRIALS | smoke_repeats.LINKS).items()
}
AGAIN = {name: replace(outcome, spoiled=1) for name, outcome in USUAL.items()}
REPEATED = dict.fromkeys((smoke_repeats.LOST, smoke_repeats.THROTTLED), AGAIN)
LOST_ANSWERS = LostAnswersSeen(USUAL, REPEATED, 20, 3, 20, ())
FILE = FileSeen(FILE_ANSWERS, b"content", b"content", "attachment; filename*=UTF-8''a", ())
UPLOADS = load_contract(REPOSITORY / "verification" / "contract.toml").uploads
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
A_WEEK = SharedFile(5, NOON + timedelta(days=5), NOON + timedelta(days=7.5))
A_YEAR = SharedFile(None, NOON + timedelta(days=365), NOON + timedelta(days=365.5))
FILES = FilesSeen(
    smoke_files.UPLOADS | smoke_files.DELETIONS | smoke_files.QUOTA,
    ("content-length", "content-type", "host", "if-none-match"),
    b"content", b"content", ("uploads/7-days/a",), ("uploads/7-days/a",), (A_WEEK, A_YEAR),
    (100 * 2**20,) * 10, 100 * 2**20, (409, 201, 409), (),
)  # fmt: skip
TRAFFIC = Traffic(20, 1000, ())
CUT = Failure("GET /a: 502")
TOO_SLOW = Failure("GET /a: 503 (unavailable)", 2.4)
ROLLOUT = RolloutSeen(
    TRAFFIC, 0, "done", frozenset({"1"}), frozenset({"2"}), "x:first", "x:second", "x:second",
    {"x:first": "COMPLETED", "x:second": "COMPLETED"}, RUNNING, RUNNING, (),
)  # fmt: skip
ROLLED_BACK = RolloutSeen(
    TRAFFIC, 1, "rolled back", frozenset({"1"}), frozenset({"1"}), "x:first", "x:bad", "x:first",
    {"x:first": "COMPLETED", "x:bad": "FAILED"}, RUNNING, RUNNING, (),
)  # fmt: skip
STABLE = StabilitySeen(
    ((1, 1, 0),) * 3, ("healthy",), (), "task/1", frozenset({"task/1"}), frozenset({"task/2"}), ()
)
QUICK = QuickRollbackSeen((0, 0), RUNNING, UNUSED, 201, 200, RUNNING, ())
COMPLETE = CompleteRollbackSeen(
    0,
    7,
    (),
    (),
    {
        "ready": 200,
        "status": 200,
        "start trial": 201,
        "shorten": 201,
        "redirect": 302,
        "list": 200,
        "delete": 204,
    },
    (),
)
TABLE = RestoredTable({"a": 1, "b": 2}, {"a": 1, "b": 2}, 1, {"TTL attribute": ("ttl", "ttl")})
UPDATED = (("update", "module.dynamodb.aws_dynamodb_table.users"),)
RESTORE = RestoreSeen(
    {"users": TABLE}, UPDATED, (), RUNNING, UNUSED, RUNNING, (302, TARGET), TARGET, ()
)
PATH = "/fileshare/dev/"
VARIABLES = {"AWS_REGION": "us-east-1"}
WIRING = WiringSeen(PATH, {PATH + "own": "1"}, VARIABLES | {"OWN": "1"}, VARIABLES, ())
AWAY = StoreAwaySeen(
    refused=40,
    during=(Reply("GET /api/me/trial", 503, "5", "{}"),) * 2,
    after=(Reply("after: GET /api/me/trial", 200, "", "{}"),),
    tasks_before=frozenset({"1", "2"}),
    tasks_after=frozenset({"1", "2"}),
    targets=("healthy", "healthy"),
    stopped=(),
    seconds=15.0,
)
OTHERS = (Endpoint("status", 40, 0, 20.0, 60.0), Endpoint("redirect", 40, 0, 20.0, 60.0))
HOT_LINK = HotLinkSeen(throttled=80, others=OTHERS, bare=(10.0,) * 20)
