"""Which actions on which resources an API call consists of, as IAM sees it.

Service Authorization Reference, "Actions, resources, and condition keys" of each service.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from verification.engine.aws.iam.evaluator.model import ContextValue, Request
from verification.engine.aws.iam.required import dynamodb, s3
from verification.engine.aws.iam.required.arn_scope import Pair, Place
from verification.engine.errors import ToolError
from verification.model.ternary import Unknown

# Which parameter names the resource, and how its ARN goes on after the account.
_NAMED = {
    "cognito-idp": (("UserPoolId", "userpool/{}"),),
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
    """Return the requests all of which must be allowed for the call to be.

    `operation` is `dynamodb:BatchGetItem` or the like, `body` the call's parameters as boto3 names
    them, `resources` those of a call whose parameters are not understood here. The contexts hold
    what the parameters tell and are not complete. ToolError if `operation` names no service, or a
    parameter that names the resource is missing.
    """
    service, _, name = operation.partition(":")
    if not name:
        raise ToolError(f"'{operation}' is not as dynamodb:GetItem is: service and operation")
    place = Place(partition, service, region, account)
    try:
        pairs = list(_pairs(place, name, body)) or [(operation, found) for found in resources]
    except KeyError as reason:
        raise ToolError(f"{operation} lacks its parameter {reason}") from reason
    context = _context(service, name, body)
    return tuple(Request(*pair, context, complete=False) for pair in dict.fromkeys(pairs))


def _pairs(place: Place, name: str, body: Mapping[str, Any]) -> Iterator[Pair]:
    match place.service:
        case "dynamodb":
            yield from dynamodb.pairs(place, name, body)
        case "s3":
            yield from s3.pairs(place, name, body)
        case "ssm":
            yield from ((f"ssm:{name}", place.arn(path)) for path in _parameters(name, body))
        case service:
            for parameter, pattern in _NAMED.get(service, ()):
                if parameter in body:
                    path = pattern.format(body[parameter], **body)
                    yield f"{service}:{name}", place.arn(path)
                    return


def _parameters(name: str, body: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parameters that an SSM call is about.

    A version or label after the name is no part of the ARN. GetParametersByPath is decided on the
    path itself and not on what is below it, and without a slash at its end: refusals that users
    report name `parameter/app/dev` (and `parameter/` for the root) where the policy had only
    `parameter/app/dev/*`. Whether AWS keeps a slash that was sent is not documented. Without it
    `parameter/app/dev/*` does not allow the call, so what is allowed here is allowed there.
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
