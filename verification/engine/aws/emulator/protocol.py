"""The data exchanged between the emulator process and its clients."""

from dataclasses import dataclass

ACCOUNT = "123456789012"
REGION = "us-east-1"
ACCESS_KEY = "embedded"
SECRET_KEY = "embedded"

CONTROL = "/_embedded/"
"""The path prefix of control requests. It is not a valid bucket name in S3."""


@dataclass(frozen=True)
class Call:
    """One AWS call as the emulator answered it; `service` is the IAM prefix.

    `asked` are the (role ARN, action, resource) checks of the call, if IAM is enforced for a role.
    `attempt` is the SDK's attempt number: 1, or more for retries. `lost` is whether the answer was
    dropped. `key` has the values in the key of the one DynamoDB item that it is about, if there is.
    """

    sequence: int
    time: float
    access_key: str
    service: str
    operation: str
    resources: tuple[str, ...]
    status: int
    error: str | None
    duration_ms: float
    asked: tuple[tuple[str, str, str], ...] = ()
    attempt: int = 1
    lost: bool = False
    key: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fault:
    """An answer instead of the real one, or (code None) only a delay before it.

    `operation` and `resource` None mean any; `count` None means until the faults are cleared.
    `resource` is an ARN, a table or index name, or a parameter name; `key` is a value in the key of
    one item of DynamoDB. With `lost` the call is
    carried out and its connection ended without an answer; code, status and message mean nothing.
    """

    service: str
    operation: str | None = None
    resource: str | None = None
    key: str | None = None
    code: str | None = "ThrottlingException"
    status: int = 400
    count: int | None = None
    delay_ms: int = 0
    message: str = "Injected by the embedded AWS"
    lost: bool = False
