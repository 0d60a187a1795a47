"""Tags, plans and selections of AWS Backup."""

import json
import time
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from moto.backup.exceptions import InvalidRequestException, ResourceNotFoundException
from moto.backup.models import BackupBackend, Plan
from moto.backup.responses import BackupResponse

from verification.engine.aws.emulator.moto_patches.patching import Method, add, wrap

PLANS = "/backup/plans/"


def tags() -> None:
    """moto 5.2.5 finds tags only by a path with a trailing slash, which Go's SDK does not send.

    Terraform then sees no tags of plans and vaults. AWS accepts both paths.
    """
    wrap(BackupResponse, "list_tags", lambda _: _list_tags)


def _list_tags(self: Any) -> str:
    arn = unquote(self.path.split("/tags/", 1)[1].rstrip("/"))
    return json.dumps({"Tags": self.backup_backend.list_tags(resource_arn=arn)})


def plans() -> None:
    """moto 5.2.5 cannot update a plan, and the name of a deleted plan cannot be used again.

    AWS stores the rules as a new version, and allows the name again. It refuses to delete a plan
    that still has selections.
    """
    add(BackupResponse, update_backup_plan)
    wrap(BackupBackend, "delete_backup_plan", _freeing)


def update_backup_plan(self: Any) -> str:
    """UpdateBackupPlan, as an operation of moto's class."""
    plan = _plan_of(self)
    document = json.loads(self.body)["BackupPlan"]
    fresh = Plan(document, plan.creator_request_id, self.backup_backend)
    for name in ("backup_plan", "version_id", "advanced_backup_settings"):
        setattr(plan, name, getattr(fresh, name))
    return json.dumps(plan.to_dict())


def _freeing(original: Method) -> Method:
    def delete_backup_plan(self: Any, backup_plan_id: str) -> Any:
        if backup_plan_id in self.plans and _held_by(self.plans[backup_plan_id]):
            message = "Related backup plan selections must be deleted prior to backup plan deletion"
            raise InvalidRequestException(msg=message)
        answer = original(self, backup_plan_id)
        del self.plans[backup_plan_id]
        return answer

    return delete_backup_plan


def selections() -> None:
    """moto 5.2.5 has no backup selections; AWS has."""
    operations = (
        create_backup_selection,
        delete_backup_selection,
        get_backup_selection,
        list_backup_selections,
    )
    for operation in operations:
        add(BackupResponse, operation)


def create_backup_selection(self: Any) -> str:
    """CreateBackupSelection, as an operation of moto's class."""
    plan, asked = _plan_of(self), json.loads(self.body)
    made = {
        "SelectionId": str(uuid4()),
        "BackupPlanId": plan.backup_plan_id,
        "CreationDate": time.time(),
    }
    _held_by(plan)[made["SelectionId"]] = made | asked
    return json.dumps(made)


def get_backup_selection(self: Any) -> str:
    """GetBackupSelection, as an operation of moto's class."""
    return json.dumps(_held_by(_plan_of(self))[_selection_of(self)])


def delete_backup_selection(self: Any) -> str:
    """DeleteBackupSelection, as an operation of moto's class."""
    del _held_by(_plan_of(self))[_selection_of(self)]
    return "{}"


def list_backup_selections(self: Any) -> str:
    """ListBackupSelections, as an operation of moto's class."""
    listed = []
    for held in _held_by(_plan_of(self)).values():
        row = {name: value for name, value in held.items() if name != "BackupSelection"}
        for name in ("SelectionName", "IamRoleArn"):
            row[name] = held["BackupSelection"][name]
        listed.append(row)
    return json.dumps({"BackupSelectionsList": listed})


def _plan_of(response: Any) -> Any:
    """Return the plan named by the path."""
    plan_id = response.path.split(PLANS, 1)[1].split("/")[0]
    return response.backup_backend.get_backup_plan(plan_id, None)


def _selection_of(response: Any) -> str:
    """Return the id of the selection named by the path, if the plan has it."""
    selection_id = str(response.path.rstrip("/").rsplit("/", 1)[-1])
    if selection_id not in _held_by(_plan_of(response)):
        raise ResourceNotFoundException(msg=f"Cannot find Backup selection {selection_id}")
    return selection_id


def _held_by(plan: Any) -> dict[str, Any]:
    """Return the selections of a plan, which are stored on the plan object."""
    held: dict[str, Any] = vars(plan).setdefault("embedded_selections", {})
    return held
