"""Run the evaluator against an independent one on random cases: see README.md beside this file.

python -m tests.oracle.compare PACKAGE [--count 20000] [--seed 1]
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from tests.oracle import cases, reasons, shrink
from verification.engine.aws.iam import Policies, Request, decide
from verification.engine.errors import ToolError

_VERDICTS = {"Allowed": "allowed", "ImplicitlyDenied": "denied", "ExplicitlyDenied": "denied"}


def ours(case: cases.Json) -> str:
    """Return our verdict, or that we refuse the policy."""
    session = None if case["session"] is None else (case["session"],)
    policies = Policies(tuple(case["identity"]), case["boundary"], session)
    context = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in case["context"].items()
    }
    try:
        return str(decide(policies, Request(case["action"], case["resource"], context)).verdict)
    except ToolError:
        return "refused"


class Theirs:
    """The independent implementation, in a process of its own."""

    def __init__(self, package: Path) -> None:
        script = Path(__file__).with_name("simulate.mjs")
        self._process = subprocess.Popen(
            ["node", str(script), str(package.resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def __call__(self, case: cases.Json) -> str:
        """Return its verdict, or the message of its error."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(case) + "\n")
        self._process.stdin.flush()
        answer = str(json.loads(self._process.stdout.readline()))
        return _VERDICTS.get(answer, answer)


def main() -> int:
    """Print the agreement and every kind of disagreement; 1 if one has no explanation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, help="folder of @cloud-copilot/iam-simulate")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = Random(options.seed)
    with Theirs(options.package) as theirs:
        return compare([cases.case(random) for _ in range(options.count)], theirs)


def compare(chosen: list[cases.Json], theirs: Theirs) -> int:
    """Ask both about each case and shrink each disagreement until one reason is left of it."""
    verdicts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for case in chosen:
        mine, other = ours(case), theirs(case)
        verdicts[mine] += 1
        if mine == other:
            continue
        small = shrink.shrink(case, lambda one: (ours(one), theirs(one)))
        reason = reasons.explain(small)
        kinds[f"{reason} [ours {ours(small)}, theirs {theirs(small)}]"] += 1
        if reason == reasons.UNEXPLAINED:
            print(json.dumps(small))
    return report(verdicts, kinds)


def report(verdicts: Counter[str], kinds: Counter[str]) -> int:
    """Print the figures; return how the process ends."""
    total, different = verdicts.total(), kinds.total()
    print(f"{total} cases, {total - different} agree ({(total - different) / total:.2%})")
    decided = verdicts["allowed"] + verdicts["denied"]
    apart = sum(n for kind, n in kinds.items() if "[ours allowed" in kind or "[ours denied" in kind)
    print(f"where ours is a yes or a no: {decided - apart} of {decided} agree")
    print("ours:", ", ".join(f"{count} {name}" for name, count in verdicts.most_common()))
    for kind, count in kinds.most_common():
        print(f"{count:6} {kind}")
    return int(any(kind.startswith(reasons.UNEXPLAINED) for kind in kinds))


if __name__ == "__main__":
    sys.exit(main())
