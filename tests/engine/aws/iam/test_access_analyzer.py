"""Access Analyzer as a second opinion: agreement, disagreement, and what it may not be asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from verification.checks.stack import privileges
from verification.engine.aws.iam import Policies
from verification.engine.aws.iam.analysis.access_analyzer import second_opinion
from verification.engine.errors import ToolError
from verification.model.findings import Finding
from verification.model.ternary import Unknown
from verification.model.verdict import Verdict

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/users"
READ = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE}
WRITE = READ | {"Action": "dynamodb:PutItem"}


def policies(*statements: dict[str, Any], **more: Any) -> Policies:
    """One identity policy for each statement."""
    return Policies(
        tuple({"Version": "2012-10-17", "Statement": one} for one in statements), **more
    )


@pytest.fixture
def stub() -> Iterator[Stubber]:
    """AWS's own client, whose answers are written here; it checks what it is asked."""
    client = boto3.client(
        "accessanalyzer",
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()
    client.close()


def answering(stub: Stubber, result: str, *findings: dict[str, Any]) -> None:
    """Let AWS answer both questions."""
    reasons = [{"description": "New access in the statement with index: 1."}]
    stub.add_response(
        "check_no_new_access",
        {"result": result, "message": "m", "reasons": reasons if result == "FAIL" else []},
        {
            "existingPolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [READ]}),
            "newPolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [READ, WRITE]}),
            "policyType": "IDENTITY_POLICY",
        },
    )
    stub.add_response("validate_policy", {"findings": [], "nextToken": "2"})
    stub.add_response("validate_policy", {"findings": list(findings)})


def judged(stub: Stubber) -> list[Finding]:
    """What the check says of the answer about one more statement."""
    opinion = second_opinion(stub.client, "the role", policies(READ), policies(READ, WRITE))
    return privileges.agree_with_access_analyzer([opinion])


def test_agreement_passes(stub: Stubber) -> None:
    """Both see the new action."""
    answering(stub, "FAIL")
    assert [finding.verdict for finding in judged(stub)] == [Verdict.PASS]


def test_disagreement_is_a_finding(stub: Stubber) -> None:
    """We see a new action and AWS does not: one of the two is wrong."""
    answering(stub, "PASS")
    [finding] = judged(stub)
    assert finding.verdict is Verdict.FAIL
    assert f"new access: dynamodb:PutItem on {TABLE}" in finding.message
    assert "Access Analyzer finds no new access" in finding.message


def test_what_aws_finds_wrong_fails(stub: Stubber) -> None:
    """An error that AWS's linter names is a finding of its own; a suggestion is none."""
    wrong = {"issueCode": "INVALID_ACTION", "learnMoreLink": "x", "locations": []}
    answering(
        stub,
        "FAIL",
        wrong | {"findingType": "ERROR", "findingDetails": "The action does not exist."},
        wrong | {"findingType": "SUGGESTION", "findingDetails": "Nothing."},
    )
    texts = [str(finding) for finding in judged(stub) if finding.verdict is Verdict.FAIL]
    assert texts == ["the role: INVALID_ACTION: The action does not exist.. Fix the policy."]


def test_not_being_allowed_to_ask_is_said(stub: Stubber) -> None:
    """Our own answer then stands alone, and says which permission is lacking."""
    stub.add_client_error("check_no_new_access", "AccessDeniedException", "no")
    [finding] = judged(stub)
    assert finding.verdict is Verdict.FAIL
    assert "was not called: accessanalyzer:CheckNoNewAccess is denied" in finding.message
    stub.add_client_error("check_no_new_access", "AccessDeniedException", "no")
    opinion = second_opinion(stub.client, "the role", policies(READ, WRITE), policies(READ))
    [finding] = privileges.agree_with_access_analyzer([opinion])
    assert finding.verdict is Verdict.PASS


def test_another_refusal_is_an_error(stub: Stubber) -> None:
    """What AWS cannot read is an error with AWS's own words."""
    stub.add_client_error("check_no_new_access", "InvalidParameterException", "too long")
    with pytest.raises(ToolError, match="too long"):
        judged(stub)


@pytest.mark.parametrize(
    "new",
    [
        policies(READ, boundary={"Version": "2012-10-17", "Statement": READ}),
        policies(READ | {"Resource": Unknown("x.arn")}),
        Policies((Unknown("x.json"),)),
    ],
    ids=["boundary", "unknown ARN", "unknown policy"],
)
def test_what_it_cannot_be_asked(stub: Stubber, new: Policies) -> None:
    """What Access Analyzer cannot know is said, and not asked."""
    with pytest.raises(ToolError, match="cannot compare"):
        second_opinion(stub.client, "the role", policies(READ), new)


def test_no_answer_is_a_failure() -> None:
    """Nothing asked proves nothing."""
    assert privileges.agree_with_access_analyzer([])[0].verdict is Verdict.FAIL
