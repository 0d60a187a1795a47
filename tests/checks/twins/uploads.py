"""Files that would stay for ever, or end before their links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.checks.edits import Change, edit
from tests.checks.kit import Case, Twin
from verification.checks.stack import uploads
from verification.model.stack import LifecycleRule
from verification.model.ternary import Unknown

BUCKET = "aws_s3_bucket.uploads"
EXPIRE, OTHERS = uploads.expire_after_their_links, uploads.expire_no_other_files
VERSIONS = uploads.delete_noncurrent_versions
Rules = tuple[LifecycleRule, ...]


def rules(change: Callable[[Rules], Any]) -> Change:
    """Change the bucket's lifecycle rules."""
    return edit("buckets", BUCKET, lifecycle=change)


def week(**changes: Any) -> Change:
    """Change the rule for files of links of up to seven days."""
    return rules(lambda old: tuple(replace(r, **changes) if r.days == 7 else r for r in old))


def versions(**changes: Any) -> Change:
    """Change the rule for noncurrent versions."""
    return rules(lambda old: tuple(replace(r, **changes) if r.noncurrent_days else r for r in old))


def more(**fields: Any) -> Change:
    """Add a rule."""
    rule = LifecycleRule("more", True, "", False, None, None)
    return rules(lambda old: (*old, replace(rule, **fields)))


def late(what: str, change: Change, says: str, *also: Any) -> Twin:
    """Files of links of up to seven days that do not expire in time."""
    says = f"files below 'uploads/7-days/', with links of up to 7 days, {says}; expected 7 to 8"
    return Twin(EXPIRE, what, change, BUCKET, says, also=also)


TWINS = [
    late("rule left out", rules(lambda old: tuple(r for r in old if r.days != 7)), "never expire"),
    late("rule disabled", week(enabled=False), "never expire"),
    late("before the link", week(days=6), "expire after 6 days"),
    late("long after the link", week(days=70), "expire after 70 days"),
    late("only tagged ones", week(narrowed=True), "never expire"),
    late("another prefix", week(prefix="upload/7-days/"), "never expire", OTHERS),
    late(
        "a second rule, too early", more(prefix="uploads/7", days=1), "expire after 1 days", OTHERS
    ),
    late("some of them, too early", more(prefix="uploads/7-days/a", days=1), "expire after 1 days"),
    late("on a date", more(prefix="uploads/7-days/", days=0), "expire after 0 days"),
    Twin(
        OTHERS,
        "files of links without an end",
        more(prefix="uploads/", days=400),
        BUCKET,
        "its rule more expires all objects below 'uploads/'. Links to some of them may last",
    ),
    Twin(OTHERS, "every object", more(days=400), BUCKET, "its rule more expires all objects."),
    Twin(
        OTHERS,
        "tagged files of links without an end",
        more(days=400, narrowed=True),
        BUCKET,
        "its rule more expires some objects.",
    ),
    Twin(
        VERSIONS,
        "kept for ever",
        versions(noncurrent_days=None),
        BUCKET,
        "noncurrent versions below 'uploads/' never end; expected 1 to 30. Set noncurrent_days",
    ),
    Twin(
        VERSIONS,
        "kept for a year",
        versions(noncurrent_days=365),
        BUCKET,
        "noncurrent versions below 'uploads/' end after 365 days; expected 1 to 30",
    ),
    Twin(VERSIONS, "rule disabled", versions(enabled=False), BUCKET, "never end; expected 1 to 30"),
    Twin(VERSIONS, "of some", versions(prefix="uploads/1-days/"), BUCKET, "never end; expected"),
    Twin(
        VERSIONS,
        "no lifecycle at all",
        rules(lambda _: ()),
        BUCKET,
        "a lifecycle rule is missing. Correct the lifecycle in",
        also=(EXPIRE, OTHERS),
    ),
]

OPEN = [
    *(
        Case(check, "all rules", edit("buckets", BUCKET, lifecycle=Unknown()))
        for check in (EXPIRE, OTHERS, VERSIONS)
    ),
    Case(EXPIRE, "days", week(days=Unknown())),
    Case(EXPIRE, "whether it is enabled", week(enabled=Unknown())),
    Case(EXPIRE, "prefix", week(prefix=Unknown())),
    Case(OTHERS, "whether one more is enabled", more(days=400, enabled=Unknown())),
    Case(OTHERS, "prefix of one more", more(days=400, prefix=Unknown())),
    Case(VERSIONS, "days", versions(noncurrent_days=Unknown())),
    Case(VERSIONS, "whether it is enabled", versions(enabled=Unknown())),
]

HARMLESS = [
    Case(EXPIRE, "a day later", week(days=8)),
    Case(EXPIRE, "another name", week(id="week")),
    Case(EXPIRE, "a disabled rule for all", more(days=1, enabled=False)),
    Case(OTHERS, "one that expires nothing", more(prefix="other/")),
    Case(VERSIONS, "of uploads alone", versions(prefix="uploads/")),
    Case(VERSIONS, "sooner", versions(noncurrent_days=7)),
    Case(VERSIONS, "sooner for some", more(prefix="uploads/1-days/", noncurrent_days=1)),
]
