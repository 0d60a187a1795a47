"""Checks of the bucket for uploads: files end with their links, and nothing else ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from verification.checks.registry import proves
from verification.model.contract import Contract, UploadsRule
from verification.model.findings import Finding, judge, missing, not_demanded
from verification.model.stack import Bucket, LifecycleRule, Stack
from verification.model.ternary import Unknown

_REMEDY = "Correct the lifecycle in terraform/modules/ecs-flask-backend/storage.tf."


@proves("files-end")
def expire_after_their_links(stack: Stack, contract: Contract) -> list[Finding]:
    """Files expire after the longest link of their prefix, and not much later.

    S3 expires an object at the first midnight (UTC) that is at least `days` after its upload, which
    is never before its link. (Amazon S3 User Guide, "Lifecycle rules: Based on an object's age",
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html)
    """

    def lifetimes(bucket: Bucket, rule: UploadsRule) -> Iterator[Finding]:
        yield from (_lifetime(bucket, rule, days) for days in rule.lifetimes)

    return _of_uploads(stack, contract, lifetimes)


@proves("files-end")
def expire_no_other_files(stack: Stack, contract: Contract) -> list[Finding]:
    """No rule expires objects outside of the prefixes, whose links may last longer."""

    def others(bucket: Bucket, rule: UploadsRule) -> Iterator[Finding]:
        rules = _expiring(bucket)
        if not rules:
            yield missing(bucket.address, "a rule that expires files", _REMEDY)
        for one in rules:
            inside = _text(one).startswith(rule.prefixes) or (None if _is_open(one) else False)
            below = f" below '{one.prefix}'" if one.prefix else ""
            text = f"its rule {one.id} expires {'some' if one.narrowed else 'all'} objects{below}"
            remedy = f"Links to some of them may last longer. {_REMEDY}"
            yield judge(bucket, inside, text, remedy)

    return _of_uploads(stack, contract, others)


@proves("files-end")
def delete_noncurrent_versions(stack: Stack, contract: Contract) -> list[Finding]:
    """What was deleted or has expired, and is a noncurrent version, ends some days later."""

    def versions(bucket: Bucket, rule: UploadsRule) -> Iterator[Finding]:
        bounds = rule.noncurrent_days
        deleting = [one for one in _rules(bucket) if one.noncurrent_days is not None]
        certain = [one for one in deleting if not _is_noncurrent_open(one)]
        found = [one.noncurrent_days for one in certain if _covers(one, rule.folder)]
        known = [days for days in found if isinstance(days, int | float)]
        right = bool(known) and bounds.minimum <= min(known) <= bounds.maximum
        what = f"noncurrent versions below '{rule.folder}'"
        text = f"{what} end after {min(known):g} days" if known else f"{what} never end"
        wanted = f"; expected {bounds.minimum:g} to {bounds.maximum:g}"
        answer = None if len(certain) < len(deleting) else right
        remedy = f"Set noncurrent_days to {bounds.maximum:g}. {_REMEDY}"
        yield judge(bucket, answer, text if right else text + wanted, remedy)

    return _of_uploads(stack, contract, versions)


def _of_uploads(
    stack: Stack,
    contract: Contract,
    judge_bucket: Callable[[Bucket, UploadsRule], Iterator[Finding]],
) -> list[Finding]:
    """Judge the bucket for uploads; a missing one fails."""
    rule = contract.uploads
    if rule is None:
        return [not_demanded(bucket, "an end of files") for bucket in stack.buckets]
    name = contract.text(rule.bucket, stack)
    findings: list[Finding] = []
    for bucket in stack.buckets:
        if bucket.name == name:
            findings += _judged(bucket, rule, judge_bucket)
    names = [bucket.name for bucket in stack.buckets]
    if name not in names:
        findings.append(missing(name, "the bucket for uploads", among=names))
    return findings


def _judged(
    bucket: Bucket,
    rule: UploadsRule,
    judge_bucket: Callable[[Bucket, UploadsRule], Iterator[Finding]],
) -> list[Finding]:
    if isinstance(bucket.lifecycle, Unknown):
        return [judge(bucket, None, "its lifecycle rules are known only after apply")]
    if not bucket.lifecycle:
        return [missing(bucket.address, "a lifecycle rule", _REMEDY)]
    return list(judge_bucket(bucket, rule))


def _lifetime(bucket: Bucket, rule: UploadsRule, days: int) -> Finding:
    """Whether the files of one prefix end in time; the earliest of several rules counts."""
    prefix, rules = rule.prefix(days), _expiring(bucket)
    certain = [one for one in rules if not _is_open(one)]
    ends = [_days(one) for one in certain if _touches(one, prefix)]
    covered = [_days(one) for one in certain if _covers(one, prefix)]
    what = f"files below '{prefix}', with links of up to {days} days,"
    wanted = f"; expected {days} to {days + rule.late}"
    if ends and min(ends) < days:
        return judge(bucket, False, f"{what} expire after {min(ends):g} days{wanted}", _REMEDY)
    if len(certain) < len(rules):
        return judge(bucket, None, f"when {what} expire is known only after apply")
    if not covered:
        return judge(bucket, False, f"{what} never expire{wanted}", _REMEDY)
    right = min(covered) <= days + rule.late
    text = f"{what} expire after {min(covered):g} days"
    return judge(bucket, right, text if right else text + wanted, _REMEDY)


def _rules(bucket: Bucket) -> Sequence[LifecycleRule]:
    """The rules that are, or may be, enabled."""
    rules = () if isinstance(bucket.lifecycle, Unknown) else bucket.lifecycle
    return [one for one in rules if one.enabled is not False]


def _expiring(bucket: Bucket) -> Sequence[LifecycleRule]:
    return [one for one in _rules(bucket) if one.days is not None]


def _is_open(one: LifecycleRule) -> bool:
    """Whether it is unknown what a rule expires."""
    return any(isinstance(part, Unknown) for part in (one.enabled, one.prefix, one.days))


def _is_noncurrent_open(one: LifecycleRule) -> bool:
    """Whether it is unknown which noncurrent versions a rule deletes."""
    parts = (one.enabled, one.prefix, one.noncurrent_days)
    return any(isinstance(part, Unknown) for part in parts)


def _days(one: LifecycleRule) -> float:
    assert isinstance(one.days, int | float), "the rule expires files, and is known"
    return one.days


def _covers(one: LifecycleRule, prefix: str) -> bool:
    """Whether a rule is for all objects below a prefix."""
    return not one.narrowed and prefix.startswith(_text(one))


def _touches(one: LifecycleRule, prefix: str) -> bool:
    """Whether a rule is for some object below a prefix."""
    return prefix.startswith(_text(one)) or _text(one).startswith(prefix)


def _text(one: LifecycleRule) -> str:
    """A rule's prefix; one that is unknown is below none of ours."""
    return "\0" if isinstance(one.prefix, Unknown) else one.prefix or ""
