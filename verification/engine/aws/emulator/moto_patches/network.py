"""Security groups and load balancers."""

import re
from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule
from moto.elbv2 import models as elbv2
from moto.elbv2.exceptions import ELBClientError

from verification.engine.aws.emulator.moto_patches.patching import Method, wrap
from verification.engine.aws.emulator.protocol import ACCOUNT

_CERTIFICATE = re.compile(rf"arn:[\w-]+:(acm:[\w-]+|iam:):{ACCOUNT}:[\w/+=,.@-]+")


def rule_descriptions() -> None:
    """moto 5.2.5 omits the description of a rule that refers to another security group.

    AWS returns it, as for rules with an address range.
    """
    original = vars(SecurityGroupRule).get("description")
    if not isinstance(original, property):
        raise LookupError("this moto has no SecurityGroupRule.description: review the patch")

    def description(self: Any) -> Any:
        return self.ip_range.get("Description") or self.source_group.get("Description")

    SecurityGroupRule.description = property(description)  # type: ignore[method-assign,assignment]


def certificates() -> None:
    """moto 5.2.5 requires a listener's certificate in its own store, with an ARN that it creates.

    On AWS, certificates are issued before this Terraform runs, so the embedded account has a
    certificate for each well-formed ARN of the account.
    """
    wrap(elbv2, "register_certificate", _well_formed)
    wrap(elbv2.ELBv2Backend, "_certificate_exists", _existing)


def _well_formed(original: Method) -> Method:
    def register_certificate(**named: Any) -> None:
        if not _CERTIFICATE.fullmatch(named["arn_certificate"]):
            original(**named)

    return register_certificate


def _existing(original: Method) -> Method:
    def exists(self: Any, certificate_arn: str) -> bool:
        return bool(_CERTIFICATE.fullmatch(certificate_arn) or original(self, certificate_arn))

    return exists


def deletion_protection() -> None:
    """moto 5.2.5 deletes a protected load balancer; AWS refuses."""
    wrap(elbv2.ELBv2Backend, "delete_load_balancer", _refusing)


def _refusing(original: Method) -> Method:
    def delete_load_balancer(self: Any, arn: str) -> None:
        balancer = self.load_balancers.get(arn)
        if balancer and balancer.attrs.get("deletion_protection.enabled") == "true":
            raise ELBClientError(
                "OperationNotPermitted",
                f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
            )
        original(self, arn)

    return delete_load_balancer
