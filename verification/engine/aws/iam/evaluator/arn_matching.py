"""Matching of ARNs in Resource elements and in ARN condition operators."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from verification.engine.aws.iam.evaluator import wildcards
from verification.engine.aws.iam.evaluator.wildcards import Context, Known, Text, Wild
from verification.engine.errors import ToolError
from verification.model.ternary import Answer, Unknown, all_of

FIELDS = 6


@dataclass(frozen=True)
class ResourcePattern:
    """One entry of a Resource or NotResource element."""

    written: Text
    completed: Text | None

    def matches(self, resource: str | Unknown, context: Context) -> Answer:
        """Whether the resource matches."""
        answer = self._match(self.written, resource, context)
        if self.completed is None or answer is None:
            return answer
        if self._match(self.completed, resource, context):
            return True
        # "arn:aws:dynamodb:*:table/x": completed by one rule, matching past a colon by the other.
        return None if answer else False

    def null(self, context: Context) -> bool:
        """Whether a variable in it has no value; then it matches no resource."""
        return self.written.resolve(context) is None

    def _match(self, pattern: Text, resource: str | Unknown, context: Context) -> Answer:
        if pattern.matches(resource, context, _within_segments):
            return True
        return None if pattern.matches(resource, context, _loose) is not False else False


def resource_pattern(value: str, *, variables: bool, short: bool) -> ResourcePattern:
    """Parse an entry of a Resource element.

    A `*` at the end of a segment may match past the colon, other wildcards only within their
    segment ("IAM JSON policy elements: Resource"). Whether it matches a colon inside the resource's
    last part, as in an S3 key, is not documented: such a match is unknown. Missing fields at the
    end mean `*`, but not in session policies ("IAM identifiers"). Variables are allowed only after
    the fifth colon ("IAM policy elements: Variables and tags").
    """
    fields = value.split(":", FIELDS - 1)
    if value != "*" and fields[0] != "arn":
        raise ToolError(f"resource '{value}' is neither an ARN nor \"*\"")
    if variables and any("${" in part for part in fields[: FIELDS - 1]):
        raise ToolError(f"resource '{value}' has a policy variable before the fifth colon")
    written = wildcards.read(value, wildcards=True, variables=variables)
    if value == "*" or len(fields) == FIELDS:
        return ResourcePattern(written, None)
    if not short:
        raise ToolError(f"resource '{value}' of a session policy is an incomplete ARN")
    completed = ":".join(fields + ["*"] * (FIELDS - len(fields)))
    return ResourcePattern(written, wildcards.read(completed, wildcards=True, variables=variables))


@lru_cache(4096)
def _within_segments(known: Known) -> re.Pattern[str]:
    return _compile(known, loose=False)


@lru_cache(4096)
def _loose(known: Known) -> re.Pattern[str]:
    return _compile(known, loose=True)


def _compile(known: Known, loose: bool) -> re.Pattern[str]:
    """Compile; with `loose`, wildcards after the fifth colon also match colons."""
    parts, colons = [], 0
    for token, after in zip(known, (*known[1:], None), strict=True):
        if not isinstance(token, Wild):
            parts.append(re.escape(token))
            colons += token.count(":")
            continue
        ends = after is None or (isinstance(after, str) and after.startswith(":"))
        free = (loose and colons >= FIELDS - 1) or (ends and token is Wild.MANY)
        parts.append(("." if free else "[^:]") + ("*" if token is Wild.MANY else ""))
    return re.compile("".join(parts), re.DOTALL)


def arn_parts(value: str, variables: bool) -> tuple[Text, ...]:
    """Split the value of an ARN operator into its six components; ToolError if there are fewer.

    "Each of the six colon-delimited components of the ARN is checked separately" ("IAM JSON
    policy elements: Condition operators").
    """
    parts = tuple(_split(value, variables))
    if len(parts) != FIELDS:
        raise ToolError(f"'{value}' is not an ARN of six components")
    return tuple(wildcards.read(part, wildcards=True, variables=variables) for part in parts)


def like_arn(parts: tuple[Text, ...], value: str | Unknown, context: Context) -> Answer:
    """Whether an ARN matches the pattern; unknown if the value is not an ARN."""
    given = [] if isinstance(value, Unknown) else value.split(":", FIELDS - 1)
    if len(given) != FIELDS:
        return None
    pairs = zip(parts, given, strict=True)
    return all_of(pattern.matches(part, context, wildcards.exact) for pattern, part in pairs)


def _split(value: str, variables: bool) -> Iterator[str]:
    """Split at the first five colons that are not inside a variable."""
    hidden = re.sub(r"\$\{[^}]*\}", lambda m: m[0].replace(":", "\0"), value)
    for part in (hidden if variables else value).split(":", FIELDS - 1):
        yield part.replace("\0", ":")
