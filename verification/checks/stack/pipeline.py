"""Checks of the pipeline's access: what workflows may do in the account, and who may be one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from verification.checks.registry import proves
from verification.checks.stack.policy_documents import condition, listed, principals, statements
from verification.model import role_policies
from verification.model.contract import Contract
from verification.model.findings import Finding, expect, expect_on, judge, missing, not_demanded
from verification.model.pipeline import ISSUER, Pipeline, PipelineRole, PipelineRule
from verification.model.stack import Resource, Stack
from verification.model.ternary import Unknown, all_of, is_true

_AUDIENCE = "sts.amazonaws.com"
_ASSUMING = "sts:AssumeRoleWithWebIdentity"


@proves("pipeline-access")
def roles_trust_one_workflow(pipeline: Pipeline, contract: Contract) -> list[Finding]:
    """Each role trusts one workflow file on one branch, in its GitHub environment, and nobody else.

    The subject of a job with an environment does not hold its branch, and who may push a branch may
    run a workflow on it; so `job_workflow_ref` is required, too. It names the file that the job is
    in, also where a workflow of another branch calls that; `ref` is the caller's branch. (GitHub,
    "OpenID Connect reference",
    https://docs.github.com/en/actions/reference/openid-connect-reference; IAM User Guide,
    "Available keys for AWS OIDC federation",
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html.)
    """
    rule, findings = contract.pipeline, []
    for one in pipeline.roles if rule else ():
        findings += _trust(one, rule, pipeline.stack) if one.role and rule else [_absent(one)]
    return findings or _nothing(contract)


@proves("pipeline-access")
def roles_allow_what_they_call(pipeline: Pipeline, contract: Contract) -> list[Finding]:
    """Each role allows exactly the contract's actions: none that changes users who are real."""
    findings = [finding for one in pipeline.roles for finding in _actions(one)]
    return findings or _nothing(contract)


@proves("pipeline-access")
def roles_stay_in_their_environment(pipeline: Pipeline, contract: Contract) -> list[Finding]:
    """What a role may change is its environment's, and the data that it may read.

    The tasks' roles can be passed to ECS only.
    """
    remedy = "Name the environment's resources, and for iam:PassRole iam:PassedToService."
    findings = []
    for one in pipeline.roles:
        if one.role is None:
            findings.append(_absent(one))
            continue
        for access in one.outside:
            answer = False if access.certain else None
            text = f"{access.by} allows {access}, which is not of {one.environment} alone"
            findings.append(judge(one.role, answer, text, remedy))
        if not one.outside:
            text = f"its {len(one.granted)} grants do not leave {one.environment}"
            findings.append(judge(one.role, True if one.granted else None, text))
    return findings or _nothing(contract)


@proves("pipeline-access")
def roles_cannot_grow(pipeline: Pipeline, contract: Contract) -> list[Finding]:
    """Each role has a permissions boundary that denies changes of permissions and other roles."""
    findings = []
    for one in pipeline.roles:
        if one.role is None:
            findings.append(_absent(one))
        elif one.admitted is None:
            remedy = "Set permissions_boundary."
            findings.append(missing(one.role.address, "a permissions boundary", remedy))
        elif isinstance(role_policies.boundary(one.role, pipeline.stack), Unknown):
            findings.append(judge(one.role, None, "its boundary is known only after apply"))
        else:
            text = f"its boundary allows {', '.join(one.admitted) or 'no change of permissions'}"
            findings.append(judge(one.role, not one.admitted, text, "Do not allow it."))
    return findings or _nothing(contract)


@proves("pipeline-access")
def state_is_kept(pipeline: Pipeline, contract: Contract) -> list[Finding]:
    """The bucket of Terraform's states is private, encrypted and versioned."""
    if contract.pipeline is None:
        return _nothing(contract)
    stack = pipeline.stack
    name = contract.text(contract.pipeline.state_bucket, stack)
    found = [bucket for bucket in stack.buckets if bucket.name == name]
    if not found:
        names = [bucket.name for bucket in stack.buckets]
        return [missing(name, "the bucket of Terraform's states", "Create it.", names)]
    findings = []
    for bucket in found:
        private = all_of(is_true(switch) for switch in bucket.public_access_block)
        text = "public access is blocked" if private else "public access is not blocked"
        remedy = "Set all four of aws_s3_bucket_public_access_block."
        findings.append(judge(bucket, private, text, remedy))
        findings.append(expect_on(bucket, "default encryption", bucket.encrypted))
        remedy = "Add aws_s3_bucket_versioning: a damaged state is restored from its last version."
        findings.append(expect_on(bucket, "versioning", bucket.versioned, remedy))
    return findings


def _trust(one: PipelineRole, rule: PipelineRule, stack: Stack) -> list[Finding]:
    assert one.role is not None
    document = one.role.trust
    if isinstance(document, Unknown) or document is None:
        return [expect(one.role, "the trust policy", Unknown(), "known")]
    where, found = f"{rule.repository}/.github/workflows/{one.rule.workflow}", statements(document)
    provider = f"arn:{stack.partition}:iam::{stack.account}:oidc-provider/{ISSUER}"
    claims = {
        "aud": _AUDIENCE,
        "sub": f"repo:{rule.repository}:environment:{one.environment}",
        "job_workflow_ref": f"{where}@refs/heads/{rule.branch}",
        "ref": f"refs/heads/{rule.branch}",
    }
    findings = [] if found else [missing(one.role.address, "a statement of the trust policy")]
    for statement in found:
        facts: list[tuple[str, object, object]] = [
            ("the effect of the trust policy", statement.get("Effect"), "Allow"),
            ("the actions of the trust policy", listed(statement.get("Action")), [_ASSUMING]),
            (
                "the principals of the trust policy",
                principals(statement),
                {"Federated": [provider]},
            ),
        ]
        for claim, value in claims.items():
            key = f"{ISSUER}:{claim}"
            facts.append((f"the values of {key}", condition(statement, key), [value]))
        findings += [expect(one.role, *fact) for fact in facts]
    return findings


def _actions(one: PipelineRole) -> Iterator[Finding]:
    if one.role is None:
        yield _absent(one)
        return
    wanted = set(one.actions)
    administers = set(one.rule.test_actions) - wanted
    for access in one.granted:
        if not access.certain:
            yield judge(one.role, None, f"{access.by} is known only after apply")
        elif beyond := sorted(set(access.actions) - wanted):
            real = administers & set(beyond)
            why = "which changes real users or tasks" if real else "which its jobs do not call"
            said = replace(access, actions=tuple(beyond))
            yield judge(one.role, False, f"{access.by} allows {said}, {why}", "Remove it.")
        else:
            yield judge(one.role, True, f"{access.by} allows what its jobs call")
    for action in one.lacked:
        remedy = "Allow it, and check for a Deny or a permissions boundary that blocks it."
        yield judge(one.role, False, f"does not allow {action}, which its jobs call", remedy)


def _absent(one: PipelineRole) -> Finding:
    return missing(one.name, "the role", f"Create it for {one.rule.workflow}.")


def _nothing(contract: Contract) -> list[Finding]:
    if contract.pipeline:
        return [missing("contract.toml", "a role of the pipeline", "Add [[pipeline.roles]].")]
    return [not_demanded(Resource(address="pipeline"), "the access of a pipeline")]
