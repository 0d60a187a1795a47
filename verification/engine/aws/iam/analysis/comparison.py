"""What one set of policies allows and another does not, decided by the evaluator.

Equivalent policies do not differ, whatever their wording, statements, names or order. Requests are
evaluated for every case in which the two can differ: every granted action, on an example of each
resource entry alone, of its intersections with every other entry and with AWS's resource types, in
every context that the conditions distinguish. Differences only in the intersection of three
entries would be missed; policies that grant by name have none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from verification.engine.aws.iam import action_catalogue
from verification.engine.aws.iam.analysis import grants
from verification.engine.aws.iam.analysis.request_contexts import Context, contexts, told
from verification.engine.aws.iam.analysis.wildcard_examples import example, meet, shown
from verification.engine.aws.iam.evaluator import wildcards
from verification.engine.aws.iam.evaluator.decision import allowing, decide
from verification.engine.aws.iam.evaluator.model import Document, Policies, Request, Ruling
from verification.model.privileges import Access
from verification.model.ternary import Unknown


def beyond(given: Policies, ceiling: Policies) -> tuple[Access, ...]:
    """What `given` allows and `ceiling` does not; undecidable access is not `certain`.

    Raises:
        ToolError: AWS would reject one of the policies; the message says which and why.
    """
    if _text(given.documents) == _text(ceiling.documents) and not given.session:
        return ()
    both = _Both(given, ceiling)
    found = [*_unreadable(given, ceiling), *both.differences()]
    return tuple(_grouped(_widest(found)))


def classes(patterns: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Every action that the patterns match, by a representative of those treated alike."""
    entries = sorted(patterns)
    fits = [wildcards.caseless(wildcards.plain(entry)).fullmatch for entry in entries]
    meant = {action for entry in entries for action in (action_catalogue.expand(entry) or [entry])}
    alike: dict[object, list[str]] = {}
    for action in sorted(meant):
        kinds = action_catalogue.resource_types(action) if action_catalogue.exists(action) else None
        matched = tuple(bool(fit(action)) for fit in fits)
        alike.setdefault((action.partition(":")[0], kinds, matched), []).append(action)
    return {members[0]: tuple(members) for members in alike.values()}


@dataclass(frozen=True)
class _Both:
    """Two sets of policies, and the requests that may distinguish them."""

    given: Policies
    ceiling: Policies

    def differences(self) -> Iterator[Access]:
        """All access that the first set allows and the second does not."""
        for action, members in self._actions.items():
            for resource in self._resources(action):
                yield from self._compared(action, members, resource)
        if not self._contexts[1]:
            when = "some of too many conditions to compare are met"
            for grant in grants.grants(self.given):
                yield Access((str(grant.action),), str(grant.resource), grant.by, when, False)
        for grant in set(grants.grants(self.given)):
            if isinstance(grant.resource, Unknown) and isinstance(grant.action, str):
                for action, members in classes([grant.action]).items():
                    yield from self._compared(action, members, grant.resource)

    def _compared(
        self, action: str, members: tuple[str, ...], resource: str | Unknown
    ) -> Iterator[Access]:
        every, _ = self._contexts
        hits = [(c, one) for c in every if (one := self._judged(action, resource, c)) is not None]
        if not hits:
            return
        alike = [hit for hit in hits if hit[1]] or hits
        context, certain = alike[0]
        by = allowing(self.given, Request(action, resource, context))
        place = self._place(action, resource)
        when = "" if len(alike) == len(every) else told(context)
        yield Access(members, place, by, when, certain)

    def _place(self, action: str, resource: str | Unknown) -> str:
        """The pattern of an example; "*" for all resources of its type."""
        service = action.lower().partition(":")[0]
        if isinstance(resource, Unknown) or service not in action_catalogue.services():
            return shown(str(resource))
        everything = (example(kind) for kind in action_catalogue.formats(service))
        return "*" if resource in everything else shown(resource)

    def _judged(self, action: str, resource: str | Unknown, context: Context) -> bool | None:
        """True if only the first set allows, False if undecidable, None otherwise."""
        request = Request(action, resource, context)
        if decide(self.given, request).verdict is Ruling.DENIED:
            return None
        second = decide(self.ceiling, request).verdict
        if second is Ruling.ALLOWED:
            return None
        first = decide(self._known, request).verdict
        return first is Ruling.ALLOWED and second is Ruling.DENIED

    @cached_property
    def _known(self) -> Policies:
        """The first set without unknown documents: a possible Deny in them excuses no excess."""
        known = [one for one in grants.named(self.given) if not isinstance(one[1], Unknown)]
        names, documents = tuple(zip(*known, strict=True)) or ((), ())
        return replace(self.given, identity=documents, names=names)

    @cached_property
    def _documents(self) -> tuple[Document, ...]:
        return (*self.given.documents, *self.ceiling.documents)

    @cached_property
    def _contexts(self) -> tuple[list[Context], bool]:
        return contexts(self._documents)

    @cached_property
    def _actions(self) -> dict[str, tuple[str, ...]]:
        granted = {grant.action for grant in grants.grants(self.given)}
        known = {entry for entry in granted if isinstance(entry, str)}
        alike = classes(known | grants.actions(self._documents))
        fits = [wildcards.caseless(wildcards.plain(entry)).fullmatch for entry in known]
        return {one: members for one, members in alike.items() if any(fit(one) for fit in fits)}

    @cached_property
    def _patterns(self) -> list[str]:
        # A grant with NotResource is on "*", which may not be in any document.
        granted = {grant.resource for grant in grants.grants(self.given)}
        found = grants.resources(self._documents) | granted
        return sorted(word for word in found if isinstance(word, str))

    def _resources(self, action: str) -> list[str]:
        service = action.lower().partition(":")[0]
        if service not in self._by_service:
            self._by_service[service] = self._examples(service)
        return [one for one in self._by_service[service] if action_catalogue.applies(action, one)]

    @cached_property
    def _by_service(self) -> dict[str, list[str]]:
        return {}

    def _examples(self, service: str) -> list[str]:
        kinds = action_catalogue.formats(service) if service in action_catalogue.services() else ()
        pairs = [
            *combinations(self._patterns, 2),
            *((one, kind) for one in self._patterns for kind in kinds if _like(one, kind)),
        ]
        met = {meet(*pair) for pair in pairs}
        return sorted({"*", *map(example, self._patterns), *(one for one in met if one)})


def _like(pattern: str, kind: str) -> bool:
    """Whether a pattern can match a resource type, by the service in its ARN."""
    service = pattern.split(":")[2:3]
    return service in ([], kind.split(":")[2:3]) or "*" in service[0] or "?" in service[0]


def _text(documents: Iterable[Document]) -> list[str]:
    return sorted(json.dumps(one, sort_keys=True, default=repr) for one in documents)


def _unreadable(given: Policies, ceiling: Policies) -> Iterator[Access]:
    """Grants of actions that are unknown, unless the ceiling has the same."""
    before = [grant.action for grant in grants.grants(ceiling)]
    for grant in grants.grants(given):
        known = any(_same(action, grant.action) for action in before)
        if isinstance(grant.action, Unknown) and not known:
            certain = _untouched(grant.resource, ceiling)
            yield Access((str(grant.action),), str(grant.resource), grant.by, "", certain)


def _untouched(resource: grants.Word, ceiling: Policies) -> bool:
    """Whether policies allow no action on what a pattern matches."""
    if isinstance(resource, Unknown):
        return False
    asked = (
        Request(action, example(resource), complete=False)
        for action in grants.actions(ceiling.documents)
    )
    return all(decide(ceiling, request).verdict is Ruling.DENIED for request in asked)


def _same(one: object, other: object) -> bool:
    return isinstance(one, Unknown) and bool(one.reference) and one == other


def _widest(found: Iterable[Access]) -> Iterator[Access]:
    """Remove access that is included in a wider resource of the same action."""
    alike: dict[object, dict[str, Access]] = {}
    for one in found:
        alike.setdefault((one.actions, one.when, one.certain), {})[one.resource] = one
    for by_resource in alike.values():
        for resource, one in by_resource.items():
            others = (wildcards.plain(other) for other in by_resource if other != resource)
            if not any(wildcards.exact(other).fullmatch(resource) for other in others):
                yield one


def _grouped(found: Iterable[Access]) -> Iterator[Access]:
    """Merge the actions that a statement allows on the same resource."""
    alike: dict[tuple[str, str, str, bool], list[str]] = {}
    for one in found:
        key = (one.resource, one.by, one.when, one.certain)
        alike.setdefault(key, []).extend(one.actions)
    for (resource, by, when, certain), actions in alike.items():
        yield Access(tuple(sorted(set(actions))), resource, by, when, certain)
