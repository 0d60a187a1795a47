"""Partition, service, region and account of a call's resources."""

from dataclasses import dataclass

from verification.model.ternary import Unknown

Pair = tuple[str, str | Unknown]
"""An action and a resource."""


@dataclass(frozen=True)
class Place:
    """Partition, service, region and account."""

    partition: str
    service: str
    region: str
    account: str

    def arn(self, path: str) -> str:
        """The ARN of a path, unless it is an ARN already."""
        if path.startswith("arn:"):
            return path
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{path}"
