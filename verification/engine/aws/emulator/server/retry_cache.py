"""Answers to Terraform's attempts, kept so that one whose answer was lost gets it again."""

from __future__ import annotations

import re
from collections import OrderedDict
from threading import Lock

from verification.engine.aws.emulator.server.aws_request import AwsRequest, Environ
from verification.engine.aws.emulator.server.aws_response import Response

_KEPT = 256
_LARGEST = 65536
# What DynamoDB is asked about items; all else is about tables.
_ITEMS = re.compile(r".*Items?|Query|Scan|.*Statement|ExecuteTransaction")


class Attempts:
    """The last successful answers to Terraform, by the id that an SDK gives all attempts of a call.

    AWS looks at no such id: it carries a repeated call out again. What it has instead are client
    tokens, for some calls: `ClientToken` of EC2, `clientToken` of ECS's CreateService,
    `CreatorRequestId` of AWS Backup; IAM, KMS, SNS and load balancers have none. moto 5.2.5 looks
    at no token, so this stands in for them, and only for what Terraform's provider sends. A call
    about DynamoDB's items is always carried out: who repeats a write must bear that, as on AWS.

    Measured with the AWS provider 5.100.0 on two busy cores: when an answer's head and body left
    one after the other, it closed the connection between the two in one of ten applies, and tried
    again. They leave together now (transport.py), and in 110 applies it never did; but a network or
    a stopped process can lose an answer all the same, and "already exists" would fail the apply.
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[str, Response] = OrderedDict()
        self._guard = Lock()

    def answered(self, environ: Environ, request: AwsRequest) -> Response | None:
        """The answer that an earlier attempt of the same call got, if this is a repeated one."""
        if request.attempt < 2 or not _is_repeatable(environ, request):
            return None
        with self._guard:
            return self._answers.get(_invocation(environ))

    def remember(self, environ: Environ, request: AwsRequest, response: Response) -> None:
        """Keep an answer, if it says that something was done."""
        name = _invocation(environ)
        if not name or response.status >= 300 or len(response.body) > _LARGEST:
            return
        if not _is_repeatable(environ, request):
            return
        with self._guard:
            self._answers[name] = response
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)


def _invocation(environ: Environ) -> str:
    return str(environ.get("HTTP_AMZ_SDK_INVOCATION_ID", ""))


def _is_repeatable(environ: Environ, request: AwsRequest) -> bool:
    """Whether the call is one of Terraform's (its provider says so), and about no item."""
    about_items = request.service == "dynamodb" and _ITEMS.fullmatch(request.operation)
    return "Terraform/" in environ.get("HTTP_USER_AGENT", "") and not about_items
