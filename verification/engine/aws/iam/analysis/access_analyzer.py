"""IAM Access Analyzer as a second opinion on the comparison of policies.

It compares policy documents, not roles: all identity policies are passed as one document, which is
equivalent if there is no permissions boundary. Pages:
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoNewAccess.html and
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html
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
_ABSENT = {"NotImplemented"}  # an emulator's answer, which has no Access Analyzer
_SERIOUS = {"ERROR", "SECURITY_WARNING"}


class _NotAllowed(Exception):
    """The call is denied or not supported; the text names the action."""


def second_opinion(client: Any, subject: str, existing: Policies, new: Policies) -> SecondOpinion:
    """Ask whether the new policies allow more than the existing ones, and for policy errors.

    Args:
        client: boto3's accessanalyzer client.
        subject: the role's address.
        existing: the policies to compare with.
        new: the policies to check.

    Raises:
        ToolError: a call failed for another reason than missing permission, or a policy is unknown.
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
    """All identity policies as one document."""
    if policies.boundary is not None:
        raise ToolError("Access Analyzer cannot compare roles with a permissions boundary.")
    statements = [one for document in policies.identity for one in grants.statements(document)]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, default=_refuse)
    if any(isinstance(document, Unknown) for document in policies.identity):
        raise ToolError("Access Analyzer cannot compare an unknown policy.")
    return text


def _refuse(value: object) -> None:
    raise ToolError(f"Access Analyzer cannot compare {value}, which is unknown.")


def _problems(client: Any, document: str) -> Iterator[str]:
    """The findings of AWS's policy validation, from all pages."""
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
            raise _NotAllowed(f"accessanalyzer:{name} is denied") from error
        if code in _ABSENT:
            raise _NotAllowed(f"accessanalyzer:{name} is not supported") from error
        raise ToolError(f"IAM Access Analyzer {name} failed: {error}") from error
