"""Roles and policies of a plan; unknown documents are reconstructed.

A document is one string: an ARN in it that is known only after apply makes all of it unknown. The
plan still has the arguments of `aws_iam_policy_document`, and the source the argument of
jsonencode(); their unknown parts stay references.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from verification.engine.source.hcl import parse_expression
from verification.engine.terraform.plan.references import References
from verification.engine.terraform.plan.resources import (
    Planned,
    data_sources,
    parse_document,
    place,
    refers,
)
from verification.model.stack import Policy, Role
from verification.model.ternary import Unknown

_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_KEYS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
# Documents that are merged into another are not supported.
_MERGED = (
    "source_policy_documents",
    "override_policy_documents",
    "source_json",
    "override_json",
)


class Documents:
    """Reads the policy documents of planned resources."""

    def __init__(self, plan: Mapping[str, Any], references: References) -> None:
        self._references = references
        self._deferred = {
            one["address"]: one["change"]
            for one in plan.get("resource_changes", ())
            if one["mode"] == "data" and one["type"] == "aws_iam_policy_document"
        }
        self._known = {
            f"{one.get('address')}.{name}": value
            for one in data_sources(plan)
            for name, value in one["values"].items()
            if isinstance(value, str)
        }

    def of(self, resource: Planned, name: str) -> Any:
        """The document in an attribute of a resource; Unknown if it cannot be reconstructed."""
        found = resource.document(name)
        if not isinstance(found, Unknown):
            return found
        address = found.reference.removesuffix(".json")
        if address in self._deferred:
            return self._asked(address, found)
        read = partial(parse_expression, name=f"{resource.address}.{name}")
        written = self._settled(self._references.written(resource.address, name, read))
        return written if isinstance(written, Mapping) else found

    def _asked(self, address: str, found: Unknown) -> Any:
        """The arguments of a data source that is read during apply."""
        change = self._deferred[address]
        after, unknown = change["after"], change.get("after_unknown", {})
        if any(after.get(key) or unknown.get(key) for key in _MERGED):
            return found
        marks = unknown.get("statement")
        written = self._references.written(address, "statement", lambda text: Unknown())
        blocks = written if isinstance(written, list) else []
        statements = after.get("statement")
        if not statements or marks is True:
            return found
        whole = len(blocks) == len(statements)
        pairs = zip(statements, blocks if whole else [{}] * len(statements), strict=True)
        return {
            "Version": after.get("version") or "2012-10-17",
            "Statement": [self._statement(one, block) for one, block in pairs],
        }

    def _statement(self, asked: Mapping[str, Any], block: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {"Effect": asked.get("effect") or "Allow"}
        if asked.get("sid"):
            made["Sid"] = asked["sid"]
        for key, element in _KEYS.items():
            if asked.get(key):
                made[element] = self._filled(asked[key], block.get(key))
        for one in asked.get("principals") or ():
            named = [
                Unknown() if value is None else value for value in one["identifiers"] or [None]
            ]
            made.setdefault("Principal", {})[one["type"]] = named
        for one in asked.get("condition") or ():
            values = [Unknown() if value is None else value for value in one["values"]]
            made.setdefault("Condition", {}).setdefault(one["test"], {})[one["variable"]] = values
        return made

    def _filled(self, values: list[Any], written: Any) -> list[Any]:
        """Add references for a set's unknown members; sets have no order."""
        settled = [self._settled(one) for one in written] if isinstance(written, list) else []
        open_ = [one for one in settled if isinstance(one, Unknown)]
        known = [value for value in values if value is not None]
        lacking = len(values) - len(known)
        return known + (open_ if len(open_) == lacking else [Unknown()] * lacking)

    def _settled(self, value: Any) -> Any:
        """A value with the results of data sources that were read."""
        if isinstance(value, Unknown):
            return self._text(value)
        if isinstance(value, Mapping):
            return {key: self._settled(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self._settled(part) for part in value]
        return value

    def _text(self, value: Unknown) -> Any:
        if "${" not in value.reference:
            return self._known.get(value.reference, value)
        text = _REFERENCE.sub(lambda m: self._known.get(m[1], m[0]), value.reference)
        return Unknown(text) if "${" in text else text


def read_policy(r: Planned, documents: Documents) -> Policy:
    """A customer-managed policy."""
    document = documents.of(r, "policy")
    return Policy(**place(r), name=r["name"], arn=r["arn"], document=document)


def read_role(r: Planned, resources: Sequence[Planned], documents: Documents) -> Role:
    """A role, with all policies that other resources attach to it."""
    mine = [other for other in resources if refers(other["role"], r, "name", "id")]
    attached = [o["policy_arn"] for o in mine if o.type == "aws_iam_role_policy_attachment"]
    inline = [documents.of(o, "policy") for o in mine if o.type == "aws_iam_role_policy"]
    inline += [
        parse_document(block.get("policy"), r.address, "inline_policy")
        for block in r.all("inline_policy")
        if block.get("policy")
    ]
    return Role(
        **place(r),
        name=r["name"],
        arn=r["arn"],
        trust=r.document("assume_role_policy"),
        attached=tuple(attached),
        inline=tuple(inline),
        boundary=r["permissions_boundary"] or None,
    )
