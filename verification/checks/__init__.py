"""The checks: plain functions from a stack, or from source, and the contract to findings.

`STACK_CHECKS` hold wherever a stack can be read: of a plan, in the sandbox, and in production.
`SOURCE_CHECKS` hold for what only the source can tell, `WIRING_CHECKS` for what Terraform, backend
and workflow hand over to each other, `CHANGE_CHECKS` for what a change does to
what the base's apply left, `PRIVILEGE_CHECKS` for what the task role may do and needs.
"""

from verification.checks.change import data_loss
from verification.checks.registry import checks_in
from verification.checks.source import conventions, wiring
from verification.checks.stack import (
    access,
    accounts,
    cost,
    monitoring,
    parameters,
    privileges,
    protection,
    service,
    tables,
    topics,
)

STACK_CHECKS = checks_in(
    (tables, parameters, access, accounts, service, protection, monitoring, topics, cost)
)
SOURCE_CHECKS = checks_in((conventions,))
WIRING_CHECKS = checks_in((wiring,))
CHANGE_CHECKS = checks_in((data_loss,))
PRIVILEGE_CHECKS = tuple(
    check for check in checks_in((privileges,)) if check is not privileges.adds_no_access
)
