"""The checks: plain functions from a stack, or from source, and the contract to findings.

`STACK_CHECKS` hold wherever a stack can be read: of a plan, in the sandbox, and in production.
`SOURCE_CHECKS` hold for what only the source can tell.
"""

from verification.checks import (
    access,
    cost,
    monitoring,
    parameters,
    protection,
    service,
    sources,
    tables,
    wiring,
)
from verification.checks.registry import checks_in

STACK_CHECKS = checks_in((tables, parameters, access, service, protection, monitoring, cost))
SOURCE_CHECKS = checks_in((sources, wiring))
