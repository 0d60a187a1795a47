"""What still exists of a destroyed environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verification.engine.aws.live.deleted import really_there
from verification.engine.aws.live.errors import translated
from verification.engine.aws.live.network import tagged_in_ec2
from verification.engine.aws.live.scope import SERVICES, Client, Scope, open_scope
from verification.engine.aws.live.service import own_clusters
from verification.engine.aws.live.stack import read_stack

_MORE = ("resourcegroupstaggingapi", "ecr", "application-autoscaling")


def leftovers(
    client: Client, prefix: str, project: str, environment: str, parameter_path: str = ""
) -> list[str]:
    """List all existing resources of an environment, sorted, without duplicates.

    These are the resources of `read_live_stack`, those with the tags Project and Environment, and
    by name those without tags. Deleted resources that AWS still lists are ignored. AWS may need
    minutes to remove tags, so retry before judging.

    Returns:
        ARNs, or kind and name of a resource without ARN.

    Raises:
        EnvironmentUnavailable: AWS cannot be reached, or credentials are missing or not sufficient.
        ToolError: a call failed for another reason.
    """
    with translated():
        scope = open_scope(client, prefix, SERVICES + _MORE)
        stack = read_stack(scope, environment, parameter_path)
        found = {resource.address for resource in stack.resources()}
        tags = {"Project": project, "Environment": environment}
        found |= {*_named(scope), *_tagged(scope, tags), *tagged_in_ec2(scope, tags)}
        return sorted(arn for arn in found if really_there(scope, arn))


def _named(scope: Scope) -> Iterator[str]:
    """By name: kinds without tags, or that the tagging API does not find everywhere."""
    yield from own_clusters(scope)
    for group in scope.pages("logs", "describe_log_groups", "logGroups"):
        # Also those that AWS created, such as log groups of Container Insights for the cluster.
        if any(map(scope.owns, group["logGroupName"].split("/"))):
            yield group["arn"].removesuffix(":*")
    for dashboard in scope.pages("cloudwatch", "list_dashboards", "DashboardEntries"):
        if scope.owns(dashboard["DashboardName"]):
            yield dashboard["DashboardArn"]
    for repository in scope.pages("ecr", "describe_repositories", "repositories"):
        if scope.owns(repository["repositoryName"]):
            yield repository["repositoryArn"]
    yield from _named_in_backup(scope)
    yield from _scalable_targets(scope)
    yield from _keys(scope)


def _named_in_backup(scope: Scope) -> Iterator[str]:
    for plan in scope.pages("backup", "list_backup_plans", "BackupPlansList"):
        if scope.owns(plan["BackupPlanName"]):
            yield plan["BackupPlanArn"]


def _scalable_targets(scope: Scope) -> Iterator[str]:
    for target in scope.pages(
        "application-autoscaling", "describe_scalable_targets", "ScalableTargets",
        ServiceNamespace="ecs",
    ):  # fmt: skip
        if any(map(scope.owns, target["ResourceId"].split("/"))):
            yield target.get("ScalableTargetARN") or f"scalable target {target['ResourceId']}"


def _keys(scope: Scope) -> Iterator[str]:
    """KMS keys, by their aliases."""
    for alias in scope.pages("kms", "list_aliases", "Aliases"):
        if scope.owns(alias["AliasName"].removeprefix("alias/")) and "TargetKeyId" in alias:
            key = scope["kms"].describe_key(KeyId=alias["TargetKeyId"])
            yield key["KeyMetadata"]["Arn"]


def _tagged(scope: Scope, tags: Mapping[str, str]) -> Iterator[str]:
    """By tag, except for EC2, which is queried directly."""
    filters = [{"Key": key, "Values": [value]} for key, value in tags.items()]
    for tagged in scope.pages(
        "resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList", TagFilters=filters
    ):
        arn = tagged["ResourceARN"]
        if arn.split(":")[2] != "ec2":
            yield arn
