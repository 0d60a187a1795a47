"""Answers to Terraform's calls, returned again to a retry of the same call."""

from __future__ import annotations

import re
from collections import OrderedDict
from threading import Lock

from verification.engine.aws.emulator.server.aws_request import AwsRequest, Environ
from verification.engine.aws.emulator.server.aws_response import Response

_KEPT = 256
_LARGEST = 65536
# DynamoDB's operations on items; all others are on tables.
_ITEMS = re.compile(r".*Items?|Query|Scan|.*Statement|ExecuteTransaction")


class Attempts:
    """The last successful answers to Terraform, by the SDK's invocation id.

    AWS ignores that id: it carries out a retried call again. For some calls it has client tokens:
    `ClientToken` of EC2, `clientToken` of ECS CreateService, `CreatorRequestId` of AWS Backup; IAM,
    KMS, SNS and load balancers have none. moto 5.2.5 ignores all tokens, so this replaces them, and
    only for Terraform's provider. Calls on DynamoDB items are always carried out: clients must
    tolerate repeated writes, as on AWS.

    Measured with the AWS provider 5.100.0 on two busy cores: if an answer's head and body were sent
    separately, it closed the connection between the two in one of ten applies, and retried. They
    are sent together now (http.py), and in 110 applies it never happened; but a network error or a
    stopped process can still lose an answer, and "already exists" would fail the apply.
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[str, Response] = OrderedDict()
        self._guard = Lock()

    def answered(self, environ: Environ, request: AwsRequest) -> Response | None:
        """The answer to an earlier attempt of the same call, if this is a retry."""
        if request.attempt < 2 or not _is_repeatable(environ, request):
            return None
        with self._guard:
            return self._answers.get(_invocation(environ))

    def remember(self, environ: Environ, request: AwsRequest, response: Response) -> None:
        """Store an answer if it is a success."""
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
    """Whether the call is Terraform's (by its user agent), and not on items."""
    about_items = request.service == "dynamodb" and _ITEMS.fullmatch(request.operation)
    return "Terraform/" in environ.get("HTTP_USER_AGENT", "") and not about_items
