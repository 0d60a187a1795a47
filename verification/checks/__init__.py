"""The checks: pure functions that compare a stack, a change or the source with the contract.

`STACK_CHECKS` run on a planned stack and on a live one. `SOURCE_CHECKS` run on the Terraform
source, `BILL_CHECKS` on every planned resource, `WIRING_CHECKS` on the settings that Terraform, the
backend and the workflow share, `CHANGE_CHECKS` on the difference from the base, `PRIVILEGE_CHECKS`
on the roles of tasks, `PIPELINE_CHECKS` on the roles that workflows assume.
"""

from verification.checks.bill import bill
from verification.checks.change import data_loss
from verification.checks.registry import checks_in
from verification.checks.source import conventions, wiring
from verification.checks.stack import (
    access,
    accounts,
    budgets,
    cost,
    events,
    monitoring,
    parameters,
    pipeline,
    privileges,
    protection,
    service,
    tables,
    topics,
    uploads,
)

STACK_CHECKS = checks_in(
    (
        *(tables, parameters, access, accounts, service, protection, uploads),
        *(monitoring, events, topics, cost, budgets),
    )
)
BILL_CHECKS = checks_in((bill,))
SOURCE_CHECKS = checks_in((conventions,))
WIRING_CHECKS = checks_in((wiring,))
CHANGE_CHECKS = checks_in((data_loss,))
PRIVILEGE_CHECKS = tuple(
    check for check in checks_in((privileges,)) if check is not privileges.adds_no_access
)
PIPELINE_CHECKS = checks_in((pipeline,))
