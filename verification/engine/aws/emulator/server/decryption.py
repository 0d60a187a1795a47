"""The permission to use a customer's key, which reading a SecureString needs in addition.

AWS KMS Developer Guide, "How AWS Systems Manager Parameter Store uses AWS KMS": SSM decrypts as the
caller; AWS's own key, alias/aws/ssm, needs no permission.
https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from verification.engine.aws import iam
from verification.engine.aws.emulator.protocol import ACCOUNT

_OF_AWS = (None, "alias/aws/ssm")


def needed(operation: str, given: Mapping[str, Any], region: str) -> Iterator[iam.Request]:
    """Yield what a call of SSM needs of KMS; GetParametersByPath is not looked at.

    The caller must hold the application's lock, because this reads moto's parameters and keys.
    """
    if operation not in ("ssm:GetParameter", "ssm:GetParameters"):
        return
    # Loaded when they are first needed, as moto loads its services.
    from moto.kms.models import kms_backends
    from moto.ssm.models import ssm_backends

    names = given["Names"] if "Names" in given else [given["Name"]]
    found = ssm_backends[ACCOUNT][region].get_parameters(names) if len(names) <= 10 else {}
    for parameter in found.values() if given.get("WithDecryption") else ():
        if parameter.parameter_type == "SecureString" and parameter.keyid not in _OF_AWS:
            key = kms_backends[ACCOUNT][region].describe_key(parameter.keyid)
            yield iam.Request("kms:Decrypt", key.arn, {}, complete=False)
