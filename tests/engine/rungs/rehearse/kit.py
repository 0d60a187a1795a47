"""Changes to rehearse: runs over edited trees, all on one base that was applied once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kit import REPOSITORY, edit
from tests.sharing import install, lend
from verification.engine.run.run import POLICIES, Run
from verification.engine.rungs.plan import world
from verification.model.contract import Contract, load_contract
from verification.model.findings import Finding
from verification.model.verdict import Verdict

MODULE = "modules/dynamodb/main.tf"
Edit = Callable[[Path], None]


def contract() -> Contract:
    """What the stack must be."""
    return load_contract(REPOSITORY / "verification" / "contract.toml")


@contextmanager
def change(base: Run, root: Path, folder: Path, policies: Path = POLICIES) -> Iterator[Run]:
    """A run over an edited tree, on a base that stays when it ends, as its AWS and provider do."""
    run = Run(root, base.contract, folder / "reports", base.environ, policies)
    run.schedule.start("base", "", lambda: base)
    lend(base, run, world)
    if (base.root / "environments" / "dev").is_dir():
        install(base, run, "dev")
    try:
        yield run
    finally:
        run.close()


def replaced(old: str, new: str, file: str = MODULE) -> Edit:
    """Write something else in a file."""
    return lambda root: edit(root / file, old, new)


def appended(text: str, file: str = MODULE) -> Edit:
    """Write something more at the end of a file."""

    def append(root: Path) -> None:
        path = root / file
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return append


def both(*edits: Edit) -> Edit:
    """Several edits, one after the other."""

    def make(root: Path) -> None:
        for each in edits:
            each(root)

    return make


def renamed_block(root: Path) -> None:
    """Call the users table's block `people` wherever it is named."""
    for path in (root / "modules" / "dynamodb").glob("*.tf"):
        text = path.read_text(encoding="utf-8")
        text = text.replace('"aws_dynamodb_table" "users"', '"aws_dynamodb_table" "people"')
        text = text.replace("aws_dynamodb_table.users", "aws_dynamodb_table.people")
        path.write_text(text, encoding="utf-8")


RENAMED_TABLE = replaced('"${local.name_prefix}-users"', '"${local.name_prefix}-people"')
OTHER_KEY = both(
    replaced('hash_key                    = "short_code"', 'hash_key = "code"'),
    replaced('name = "short_code"', 'name = "code"'),
)
MOVED = both(
    renamed_block,
    appended("moved {\n  from = aws_dynamodb_table.users\n  to = aws_dynamodb_table.people\n}\n"),
)
NEW_INDEX = replaced(
    '    name            = "user-index"',
    '    name = "target-index"\n    hash_key = "target"\n    projection_type = "KEYS_ONLY"\n  }\n\n'
    '  attribute {\n    name = "target"\n    type = "S"\n  }\n\n'
    '  global_secondary_index {\n    name            = "user-index"',
)
NEW_TAG = replaced(
    '  hash_key                    = "user_id"\n',
    '  hash_key = "user_id"\n  tags = { team = "platform" }\n',
)


def failures(findings: list[Finding]) -> str:
    """The messages of those that failed, a line each."""
    return "\n".join(str(finding) for finding in findings if finding.verdict is Verdict.FAIL)
