"""Checks of Terraform's runs: no warnings, an empty second plan, drift, and a complete destroy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from verification.model.changes import Drift, Tampering
from verification.model.findings import Finding, judge, missing, not_demanded
from verification.model.module_tests import ModuleRun
from verification.model.stack import Resource
from verification.model.verdict import Verdict


def gives_no_warning(step: str, warnings: Iterable[object]) -> list[Finding]:
    """A Terraform command printed no warning; each warning is a failure."""
    found = [Finding(Verdict.FAIL, step, f"Terraform warns: {warning}") for warning in warnings]
    return found or [Finding(Verdict.PASS, step, "Terraform printed no warning")]


def is_formatted(files: Iterable[str], examined: int) -> list[Finding]:
    """Every file is formatted as by `terraform fmt`."""
    remedy = "Run `make fix`."
    found = [Finding(Verdict.FAIL, f, "is not formatted", remedy=remedy) for f in files]
    if not found and not examined:
        return []
    return found or [Finding(Verdict.PASS, "terraform fmt", f"{examined} files are formatted")]


def modules_pass_their_tests(
    modules: Mapping[str, Sequence[ModuleRun]], demanded: bool
) -> list[Finding]:
    """Each run of each module's own tests passes; a module without any is missed if demanded."""
    findings = []
    for module, runs in modules.items():
        again = f"Run `terraform init && terraform test` in {module}, and mend module or test."
        for run in runs:
            said = "; ".join(run.said) or {"pass": "passes", "skip": "was left out"}.get(run.status)
            text = said or f"ended with {run.status}"
            findings.append(judge(run, run.status == "pass", text, again))
        if not runs and demanded:
            add = f"Write tests/{module.rpartition('/')[2]}.tftest.hcl there."
            findings.append(missing(module, "a test of its own", add))
        elif not runs:
            findings.append(not_demanded(Resource(address=module), "a test of its own"))
    if not modules and not demanded:
        findings.append(not_demanded(Resource(address="modules"), "a test of its own"))
    return findings


def plans_nothing(step: str, planned: Sequence[tuple[str, str]]) -> list[Finding]:
    """A plan after an apply is empty; each planned change is a failure."""
    text = "is planned again after an apply: configuration and AWS never converge"
    found = [Finding(Verdict.FAIL, address, f"{action} {text}") for action, address in planned]
    return found or [Finding(Verdict.PASS, step, "plans no change")]


def is_applied(
    warnings: Mapping[str, Sequence[object]], again: Sequence[tuple[str, str]], demanded: bool
) -> list[Finding]:
    """A root module is planned and applied without a warning, and then there is nothing to do.

    Args:
        warnings: those of each step, in order.
        again: what the last step, a second plan, would change.
        demanded: whether the contract requires such a module; otherwise there may be no step.
    """
    if not warnings and not demanded:
        return [not_demanded(Resource(address="pipeline"), "the access of a pipeline")]
    found = [one for step, said in warnings.items() for one in gives_no_warning(step, said)]
    return found + [one for step in list(warnings)[-1:] for one in plans_nothing(step, again)]


def finds_drift(made: Sequence[Tampering], drifts: Sequence[Drift]) -> list[Finding]:
    """Each manual change is found by address and attribute, and nothing else is."""
    found = {(drift.address, drift.attribute) for drift in drifts}
    findings = []
    for change in made:
        seen = (change.address, change.attribute) in found
        text = f"{change.what} is {'found' if seen else 'not found'} as {change.attribute}"
        findings.append(judge(Resource(address=change.address), seen, text))
    touched = {change.address for change in made}
    return findings + [
        Finding(Verdict.FAIL, drift.address, f"{drift.attribute} drifted without a manual change")
        for drift in drifts
        if drift.address not in touched
    ]


def keeps_the_switch(address: str, planned: Sequence[tuple[str, str]]) -> list[Finding]:
    """A plan does not revert use_dynamodb, set to false by hand."""
    undone = [action for action, changed in planned if changed == address]
    text = f"the next apply would {undone[0]} it" if undone else "no plan changes it"
    remedy = "Add lifecycle { ignore_changes = [value] }."
    return [judge(Resource(address=address), not undone, f"set to false by hand: {text}", remedy)]


def leaves_nothing(
    step: str, before: int, after: Sequence[str], protected: bool = False
) -> list[Finding]:
    """A destroy removes all `before` resources that an apply made.

    Not required if the contract wants data protected.
    """
    if protected:
        return [not_demanded(Resource(address=step), "removing all resources")]
    found = [Finding(Verdict.FAIL, thing, "remains after destroy") for thing in after]
    if not found and before == 0:
        return []
    return found or [Finding(Verdict.PASS, step, f"destroy removed all {before} resources")]


def is_refused(
    step: str, error: str, items: dict[str, tuple[int, int]], protected: bool = True
) -> list[Finding]:
    """A destroy of protected tables fails, and every table keeps its items.

    Args:
        step: the command.
        error: Terraform's error; "" if the destroy succeeded.
        items: the number of items before and after, by table; -1 after if the table is gone.
        protected: whether the contract wants data protected; otherwise nothing is required.
    """
    if not protected:
        return [not_demanded(Resource(address=step), "a refused destroy")]
    # AWS writes "deletion protection" or "protected against deletion"; DynamoDB's validation error
    # writes the words without spaces.
    words = error.lower().replace(" ", "")
    said = "deletionprotection" in words or "protectedagainstdeletion" in words
    text = (
        "is refused by deletion protection" if said else f"is not refused by it: {error or 'done'}"
    )
    findings = [judge(Resource(address=step), said, text)]
    if not items:
        findings.append(missing(step, "a table to protect"))
    for name, (before, after) in items.items():
        kept = f"had {before} items before and {'is deleted' if after < 0 else after} after"
        findings.append(judge(Resource(address=name), 0 < before == after, kept))
    return findings
