"""What crosses the line between the emulator process and whoever drives it."""

from dataclasses import dataclass

ACCOUNT = "123456789012"
REGION = "us-east-1"
ACCESS_KEY = "embedded"
SECRET_KEY = "embedded"

CONTROL = "/_embedded/"
"""Paths under this prefix drive the emulator. No bucket can be called so: S3 forbids the name."""


@dataclass(frozen=True)
class Call:
    """One AWS call as the emulator answered it; `service` is the prefix IAM uses for it.

    `asked` is what IAM was asked about it, where IAM is enforced on a role: the role's ARN, action
    and resource, of all that the call consists of. `attempt` counts what an SDK sends for one call
    of its caller's: from 2 on it repeats it. `lost` says that the caller got no answer.
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


@dataclass(frozen=True)
class Fault:
    """An answer to give instead of the real one, or (code None) only a delay before it.

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
