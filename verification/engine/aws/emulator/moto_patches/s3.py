"""S3."""

import json
from typing import Any

from moto.s3.models import FakeBucket

from verification.engine.aws.emulator.moto_patches.patching import Method, wrap


def secure_transport() -> None:
    """moto 5.2.5 ignores conditions, so a Deny of requests without TLS denies all requests.

    AWS denies only plain HTTP. The embedded endpoint stands for a TLS one, so such a Deny is
    ignored.
    """
    wrap(FakeBucket, "get_permission", _over_tls)


def _over_tls(original: Method) -> Method:
    def get_permission(self: Any, action: str, resource: str) -> Any:
        stored = self.policy
        if stored is None:
            return original(self, action, resource)
        try:
            self.policy = _without_plain_http(stored)
            return original(self, action, resource)
        finally:
            self.policy = stored

    return get_permission


def _without_plain_http(stored: bytes) -> bytes:
    policy = json.loads(stored)
    statements = policy["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    policy["Statement"] = [statement for statement in listed if not _needs_plain_http(statement)]
    return json.dumps(policy).encode()


def _needs_plain_http(statement: dict[str, Any]) -> bool:
    """Whether a Deny applies only without TLS; further conditions only narrow it."""
    tests = statement.get("Condition", {}).get("Bool", {})
    values = {key.lower(): value for key, value in tests.items()}.get("aws:securetransport")
    listed = values if isinstance(values, list) else [values]
    return statement["Effect"] == "Deny" and {str(value).lower() for value in listed} == {"false"}
