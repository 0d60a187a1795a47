"""Jobs of AWS Backup, for tables: backups on demand, and restores; both end at once."""

import json
import time
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from moto.backup import urls
from moto.backup.exceptions import (
    InvalidParameterValueException,
    InvalidRequestException,
    ResourceNotFoundException,
)
from moto.backup.models import BackupBackend
from moto.backup.responses import BackupResponse
from moto.dynamodb.exceptions import TableAlreadyExistsException
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Backup
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends

from verification.engine.aws.emulator.moto_patches.patching import Method, add, wrap

_PATHS = (
    "{0}/backup-jobs$",
    "{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/$",
    "{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/(?P<arn>.+)$",
    "{0}/restore-jobs$",
    "{0}/restore-jobs/(?P<job>[^/]+)$",
)
_NO_KEY, _NAME = "Not Applicable", "targettablename"


def recovery_points() -> None:
    """moto 5.2.5 has no backup jobs, and so no recovery points; it deletes any vault.

    AWS lists recovery points, as Terraform does before it deletes them, keeps those of a locked
    vault, and deletes only empty vaults. No scheduled backup ever runs here. (AWS Backup Developer
    Guide, "AWS Backup Vault Lock",
    https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html)
    """
    for path in _PATHS:
        urls.url_paths[path] = urls.response.dispatch
    for operation in (
        delete_recovery_point,
        list_recovery_points_by_backup_vault,
        start_backup_job,
    ):
        add(BackupResponse, operation)
    wrap(BackupBackend, "delete_backup_vault", _if_empty)


def start_backup_job(self: Any) -> str:
    """StartBackupJob, as an operation of moto's class."""
    asked = json.loads(self.body)
    vault = self.backup_backend.describe_backup_vault(asked["BackupVaultName"])
    _demand_role(self, asked)
    tables = dynamodb_backends[self.current_account][self.region]
    table = tables.get_table(asked["ResourceArn"].rpartition("/")[2])
    copy = Backup(self.current_account, self.region, vault.backup_vault_name, table)
    point: dict[str, Any] = {
        "RecoveryPointArn": _arn(self, f"recovery-point:{uuid4()}"),
        "BackupVaultName": vault.backup_vault_name,
        "BackupVaultArn": vault.backup_vault_arn,
        "ResourceArn": asked["ResourceArn"],
        "ResourceType": "DynamoDB",
        "IamRoleArn": asked["IamRoleArn"],
        "Status": "COMPLETED",
        "CreationDate": time.time(),
    }
    _points(vault)[point["RecoveryPointArn"]] = (point, copy)
    known = {name: point[name] for name in ("RecoveryPointArn", "CreationDate")}
    return json.dumps({"BackupJobId": str(uuid4()), **known})


def list_recovery_points_by_backup_vault(self: Any) -> str:
    """ListRecoveryPointsByBackupVault, as an operation of moto's class."""
    wanted = self._get_params().get("resourceArn")
    found = [point for point, _ in _points(_vault_of(self)).values()]
    rows = [point for point in found if wanted in (None, point["ResourceArn"])]
    return json.dumps({"RecoveryPoints": rows})


def delete_recovery_point(self: Any) -> str:
    """DeleteRecoveryPoint, as an operation of moto's class."""
    vault, arn = _vault_of(self), unquote(self.path.split("/recovery-points/", 1)[1])
    if arn not in _points(vault):
        raise ResourceNotFoundException(msg=f"Cannot find recovery point {arn}")
    if vault.locked:
        raise InvalidRequestException(
            msg="Backup vault is locked: its recovery points cannot be deleted"
        )
    del _points(vault)[arn]
    return "{}"


def _if_empty(original: Method) -> Method:
    def delete_backup_vault(self: Any, backup_vault_name: str) -> None:
        if backup_vault_name in self.vaults and _points(self.vaults[backup_vault_name]):
            message = "Backup vault cannot be deleted because it contains recovery points"
            raise InvalidRequestException(msg=message)
        original(self, backup_vault_name)

    return delete_backup_vault


def restore_jobs() -> None:
    """moto 5.2.5 has no restore jobs; AWS restores a recovery point to a new table.

    Names in the metadata are not case-sensitive. A job whose table exists fails. (AWS Backup
    Developer Guide, "Restore a Amazon DynamoDB table",
    https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-dynamodb.html)
    """
    add(BackupResponse, start_restore_job)
    add(BackupResponse, describe_restore_job)


def start_restore_job(self: Any) -> str:
    """StartRestoreJob, as an operation of moto's class."""
    asked = json.loads(self.body)
    metadata = {name.lower(): value for name, value in asked["Metadata"].items()}
    if not metadata.get(_NAME):
        raise InvalidParameterValueException(msg="targetTableName is missing in the metadata")
    _demand_role(self, asked)
    copy = _copy_of(self, asked["RecoveryPointArn"])
    job: dict[str, Any] = {
        "RestoreJobId": str(uuid4()),
        "RecoveryPointArn": asked["RecoveryPointArn"],
        "ResourceType": "DynamoDB",
        "CreationDate": time.time(),
        **_restored(self, copy, metadata),
    }
    _jobs(self)[job["RestoreJobId"]] = job
    return json.dumps({"RestoreJobId": job["RestoreJobId"]})


def describe_restore_job(self: Any) -> str:
    """DescribeRestoreJob, as an operation of moto's class."""
    ident = self.path.rstrip("/").rpartition("/")[2]
    if ident not in _jobs(self):
        raise ResourceNotFoundException(msg=f"Cannot find restore job {ident}")
    return json.dumps(_jobs(self)[ident])


def _restored(response: Any, copy: Backup, metadata: dict[str, str]) -> dict[str, str]:
    """Restore a table; return how the job ended."""
    backend, name = dynamodb_backends[response.current_account][response.region], metadata[_NAME]
    backend.backups[copy.arn] = copy
    try:
        table = backend.restore_table_from_backup(name, copy.arn)
    except TableAlreadyExistsException:
        return {"Status": "FAILED", "StatusMessage": f"Table already exists: {name}"}
    finally:
        del backend.backups[copy.arn]
    table.sse_specification = None
    if metadata.get("encryptiontype", "Default").upper() == "KMS":
        key = metadata.get("kmsmasterkeyarn", _NO_KEY)
        if key == _NO_KEY:
            key = table._get_default_encryption_key(table.account_id, table.region_name)
        table.sse_specification = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    return {"Status": "COMPLETED", "CreatedResourceArn": table.table_arn}


def _demand_role(response: Any, asked: dict[str, Any]) -> None:
    """Refuse a role that does not exist."""
    try:
        iam_backends[response.current_account]["aws"].get_role_by_arn(asked.get("IamRoleArn", ""))
    except NotFoundException as reason:
        raise InvalidParameterValueException(msg=f"Invalid IAM role: {reason.message}") from reason


def _copy_of(response: Any, arn: str) -> Backup:
    """Return the content of a recovery point, whichever vault has it."""
    for vault in response.backup_backend.vaults.values():
        if arn in _points(vault):
            return _points(vault)[arn][1]
    raise ResourceNotFoundException(msg=f"Cannot find recovery point {arn}")


def _arn(response: Any, name: str) -> str:
    return f"arn:aws:backup:{response.region}:{response.current_account}:{name}"


def _vault_of(response: Any) -> Any:
    """Return the vault named by the path."""
    name = response.path.split("/backup-vaults/", 1)[1].split("/")[0]
    return response.backup_backend.describe_backup_vault(name)


def _points(vault: Any) -> dict[str, tuple[dict[str, Any], Backup]]:
    """Return the recovery points of a vault, which are stored on the vault object."""
    held: dict[str, tuple[dict[str, Any], Backup]] = vars(vault).setdefault("embedded_points", {})
    return held


def _jobs(response: Any) -> dict[str, dict[str, Any]]:
    """Return the restore jobs, which are stored on moto's backend."""
    held: dict[str, dict[str, Any]] = vars(response.backup_backend).setdefault("embedded_jobs", {})
    return held
