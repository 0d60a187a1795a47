"""The evaluation logic.

IAM User Guide, "Policy evaluation logic" and "How AWS enforcement code logic evaluates requests to
allow or deny access": an explicit deny in any policy wins; otherwise each kind of policy that is
present must allow; everything else is denied. The wording of denials is from "Troubleshoot access
denied error messages". Page:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterable, Iterator

from verification.engine.aws.iam.evaluator.model import Decision, Policies, Request, Ruling
from verification.engine.aws.iam.evaluator.statements import Statement
from verification.model.ternary import Answer

Reason = tuple[Answer, str, str]


def decide(policies: Policies, request: Request) -> Decision:
    """Decide whether the policies allow the request.

    ToolError if a policy is invalid. UNKNOWN if the verdict depends on values known only after
    apply, or on a rule that AWS does not document.
    """
    gates = [*_denials(policies, request), *_permissions(policies, request)]
    if refused := next((gate for gate in gates if gate[0] is False), None):
        return Decision(Ruling.DENIED, refused[1], refused[2])
    if unknown := next((gate for gate in gates if gate[0] is None), None):
        return Decision(Ruling.UNKNOWN, unknown[1])
    return Decision(Ruling.ALLOWED, gates[-1][1] if len(gates) == 1 else _list_of(gates))


def allowing(policies: Policies, request: Request) -> str:
    """The statement of an identity policy that allows the request, or may; "" if none does."""
    return _allowed(policies.layers[0][1], request)[1]


def _denials(policies: Policies, request: Request) -> Iterator[Reason]:
    """Yield explicit denials, certain or possible."""
    for kind, statements in policies.layers:
        for statement in (one for one in statements if one.allows is not True):
            applies = statement.applies(request)
            if applies is False:
                continue
            if applies and statement.allows is False:
                refusal = f"with an explicit deny in {_a(kind)}"
                yield False, f"{statement.name} denies {request.action}", refusal
            else:
                yield None, f"{statement.name} may deny {request.action}", ""


def _permissions(policies: Policies, request: Request) -> Iterator[Reason]:
    """Yield for each kind of policy whether it allows."""
    for kind, statements in policies.layers:
        answer, statement = _allowed(statements, request)
        if answer:
            yield True, f"{statement} allows {request.action}", ""
        elif answer is None:
            yield None, f"{statement} may allow {request.action}, and no other does", ""
        else:
            none = f"no {kind} allows the {request.action} action"
            yield False, f"{none} on {request.resource}", f"because {none}"


def _allowed(statements: Iterable[Statement], request: Request) -> tuple[Answer, str]:
    """A statement that allows, or else one that may."""
    best: tuple[Answer, str] = (False, "")
    for statement in (one for one in statements if one.allows is not False):
        applies = statement.applies(request)
        if applies and statement.allows:
            return True, statement.name
        if applies is not False and best[0] is False:
            best = (None, statement.name)
    return best


def _list_of(gates: Iterable[Reason]) -> str:
    return "; ".join(reason for _, reason, _ in gates)


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
