"""The actions and resources that IAM checks for an API call.

Service Authorization Reference, "Actions, resources, and condition keys" of each service.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from verification.engine.aws.iam.evaluator.model import ContextValue, Request
from verification.engine.aws.iam.required import dynamodb, s3
from verification.engine.aws.iam.required.arn_scope import Pair, Place
from verification.engine.errors import ToolError
from verification.model.ternary import Unknown

# The parameter with the resource's name, and the ARN's part after the account.
_NAMED = {
    "cognito-idp": (("UserPoolId", "userpool/{}"),),
    "ecr": (("repositoryName", "repository/{}"),),
    "logs": (
        ("logStreamName", "log-group:{logGroupName}:log-stream:{}"),
        ("logGroupName", "log-group:{}"),
    ),
    "sns": (("TopicArn", "{}"),),
    "sts": (("RoleArn", "{}"),),
}
_SSM_CONTEXT = {"Overwrite": "ssm:Overwrite", "Recursive": "ssm:Recursive"}


def needed(
    operation: str,
    body: Mapping[str, Any],
    account: str,
    region: str,
    partition: str = "aws",
    *,
    resources: tuple[str | Unknown, ...] = ("*",),
) -> tuple[Request, ...]:
    """The requests that must all be allowed for the call to be allowed.

    `operation` is for example `dynamodb:BatchGetItem`, `body` the call's parameters with boto3's
    names, `resources` those of a call whose parameters are not parsed here. The contexts contain
    what the parameters define, and are not complete. ToolError if `operation` has no service, or a
    parameter that names the resource is missing.
    """
    service, _, name = operation.partition(":")
    if not name:
        raise ToolError(f"'{operation}' is not service:operation, such as dynamodb:GetItem")
    place = Place(partition, service, region, account)
    try:
        pairs = list(_pairs(place, name, body)) or [(operation, found) for found in resources]
    except KeyError as reason:
        raise ToolError(f"{operation} is missing its parameter {reason}") from reason
    context = _context(service, name, body)
    return tuple(Request(*pair, context, complete=False) for pair in dict.fromkeys(pairs))


def _pairs(place: Place, name: str, body: Mapping[str, Any]) -> Iterator[Pair]:
    match place.service:
        case "dynamodb":
            yield from dynamodb.pairs(place, name, body)
        case "s3":
            yield from s3.pairs(place, name, body)
        case "ecr" if name == "GetAuthorizationToken":
            yield f"ecr:{name}", "*"  # It has no resource.
        case "ssm":
            yield from ((f"ssm:{name}", place.arn(path)) for path in _parameters(name, body))
        case service:
            for parameter, pattern in _NAMED.get(service, ()):
                if parameter in body:
                    path = pattern.format(body[parameter], **body)
                    yield f"{service}:{name}", place.arn(path)
                    return


def _parameters(name: str, body: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parameters of an SSM call.

    A version or label after the name is not part of the ARN. GetParametersByPath is checked on the
    path itself, without a trailing slash, not on the parameters below it: error messages reported
    by users name `parameter/app/dev` (and `parameter/` for the root) for policies with only
    `parameter/app/dev/*`. Whether AWS keeps a trailing slash of the request is not documented.
    Without it `parameter/app/dev/*` does not allow the call, so what is allowed here is allowed by
    AWS.
    """
    if name == "GetParametersByPath":
        yield f"parameter/{body['Path'].strip('/')}"
    elif "Parameter" in name and ("Names" in body or "Name" in body):
        for given in body.get("Names", [body.get("Name")]):
            bare = given if given.startswith("arn:") else given.split(":")[0]
            yield bare if bare.startswith("arn:") else f"parameter/{bare.lstrip('/')}"
    elif body.get("ResourceType") == "Parameter":
        yield f"parameter/{body['ResourceId'].lstrip('/')}"


def _context(service: str, name: str, body: Mapping[str, Any]) -> dict[str, ContextValue]:
    if service == "dynamodb":
        return dynamodb.context(name, body)
    if service == "s3":
        return s3.context(body)
    if service == "ssm":
        return {key: str(body[p]).lower() for p, key in _SSM_CONTEXT.items() if p in body}
    return {}
