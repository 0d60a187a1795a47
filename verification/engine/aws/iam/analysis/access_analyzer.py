"""IAM Access Analyzer as a second opinion: does AWS itself see the same difference as we do?

It knows a policy and not a role: it is asked about all identity policies as one document, which is
the same as long as no boundary limits them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from verification.engine.aws.iam.analysis import grants
from verification.engine.aws.iam.analysis.comparison import beyond
from verification.engine.aws.iam.evaluator.model import Policies
from verification.engine.errors import ToolError
from verification.model.privileges import SecondOpinion
from verification.model.ternary import Unknown

_IDENTITY = "IDENTITY_POLICY"
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_ABSENT = {"NotImplemented"}  # an emulator's word: it has no Access Analyzer
_SERIOUS = {"ERROR", "SECURITY_WARNING"}


class _NotAllowed(Exception):
    """We may not ask; the text names the action."""


def second_opinion(client: Any, subject: str, existing: Policies, new: Policies) -> SecondOpinion:
    """Ask whether the new policies allow more than the existing, and what is wrong with them.

    Args:
        client: boto3's, of accessanalyzer.
        subject: whose policies they are.
        existing: what is allowed anyway.
        new: what is compared with it.

    Raises:
        ToolError: AWS refused, other than for want of permission, or the policies are not known
            in full.
    """
    ours = beyond(new, existing)
    before, after = _document(existing), _document(new)
    try:
        answer = _asked(
            client.check_no_new_access,
            existingPolicyDocument=before,
            newPolicyDocument=after,
            policyType=_IDENTITY,
        )
        problems = tuple(_problems(client, after))
    except _NotAllowed as error:
        return SecondOpinion(subject, ours, None, (str(error),))
    reasons = tuple(str(reason["description"]) for reason in answer.get("reasons", ()))
    said = reasons or (str(answer.get("message", "")),)
    return SecondOpinion(subject, ours, answer["result"] == "FAIL", said, problems)


def _document(policies: Policies) -> str:
    """All identity policies as one, in AWS's own words."""
    if policies.boundary is not None:
        raise ToolError("Access Analyzer cannot be asked about a role with a boundary.")
    statements = [one for document in policies.identity for one in grants.statements(document)]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, default=_refuse)
    if any(isinstance(document, Unknown) for document in policies.identity):
        raise ToolError("Access Analyzer cannot be asked about a policy that is unknown.")
    return text


def _refuse(value: object) -> None:
    raise ToolError(f"Access Analyzer cannot be asked about {value}, which is unknown.")


def _problems(client: Any, document: str) -> Iterator[str]:
    """What AWS's own linter finds wrong, page by page."""
    more: dict[str, str] = {}
    while True:
        answer = _asked(
            client.validate_policy, policyDocument=document, policyType=_IDENTITY, **more
        )
        for found in answer["findings"]:
            if found["findingType"] in _SERIOUS:
                yield f"{found['issueCode']}: {found['findingDetails']}"
        if not answer.get("nextToken"):
            return
        more = {"nextToken": answer["nextToken"]}


def _asked(call: Callable[..., Any], **arguments: Any) -> Any:
    try:
        return call(**arguments)
    except ClientError as error:
        code, name = error.response["Error"]["Code"], error.operation_name
        if code in _DENIED:
            raise _NotAllowed(f"accessanalyzer:{name} is not allowed to us") from error
        if code in _ABSENT:
            raise _NotAllowed(f"this AWS has no accessanalyzer:{name}") from error
        raise ToolError(f"IAM Access Analyzer refused {name}: {error}") from error
