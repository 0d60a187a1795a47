"""Terraform source becomes blocks with file and line, and what cannot be read is named."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.kit import TERRAFORM
from verification.engine.errors import ToolError
from verification.engine.source.hcl import parse, read_source
from verification.model.source import Block

LONG = "".join(f'  name_{number} = "${{var.name}} {number}"\n' for number in range(1000))
BROKEN = {
    "no value": ("locals {\n  a = \n}\n", "main.tf:2:7: .*`a =`"),
    "unclosed quote": ('locals {\n  a = "x\n}\n', 'main.tf:2:8: .*`a = "x`'),
    "unclosed block": ("locals {\n  a = 1\n", "main.tf:3:1: .*unexpected end of file"),
    "unclosed heredoc": ("locals {\n  a = <<EOT\nx\n}\n", "main.tf:2:7: .*`a = <<EOT`"),
    "unclosed comment": ("locals {\n}\n/* never\n", "main.tf:3:1: .*`/\\* never`"),
    "after CRLF": ("locals {\r\n  a = \r\n}\r\n", "main.tf:2:7: .*`a =`"),
    "after a line separator": ('locals {\n  a = "\u2028"\n  b = \n}\n', "main.tf:3:7: .*`b =`"),
    "nested too deeply": (
        f"locals {{\n  a = {'[' * 3000}{']' * 3000}\n}}\n",
        "main.tf: is not valid HCL",
    ),
}
VALUES = {
    "string": ('"x"', "x"),
    "empty string": ('""', ""),
    "number": ("1.5", 1.5),
    "negative number": ("-1", -1),
    "bool": ("true", True),
    "null": ("null", None),
    "list": ('[1, "x", null]', [1, "x", None]),
    "map": ('{ k = "v", "q-r" = 1 }', {"k": "v", "q-r": 1}),
    "escaped quote": (r'"say \"hi\""', 'say "hi"'),
    "escaped newline": (r'"x\ny"', "x\ny"),
    "escaped character": (r'"\u00e9"', "é"),
    "escaped template": ('"$${no}"', "$${no}"),
    "unicode": ('"naïve ☃"', "naïve ☃"),
    "hash in a string": ('"# no comment"', "# no comment"),
    "reference": ("var.x", "${var.x}"),
    "quoted reference": ('"${var.x}"', "${var.x}"),
    "template": ('"a-${var.x}"', "a-${var.x}"),
    "condition": ("var.x == 1 ? 2 : 3", "${var.x == 1 ? 2 : 3}"),
    "call": ("try(var.x, null)", "${try(var.x, null)}"),
    "index": ('aws_x.y["k"].id', '${aws_x.y["k"].id}'),
    "heredoc": ('<<EOT\nhello "x"\nEOT', '<<EOT\nhello "x"\nEOT'),
    "indented heredoc": ("<<-EOT\n    a\n  EOT", "<<-EOT\n    a\n  EOT"),
}
RESOURCE = """\
# The first table.
resource "aws_dynamodb_table" "users" {
  name = "users"

  ttl {
    attribute_name = "expires_at"
  }

  attribute {
    name = "user_id"
  }
  attribute {
    name = "email"
  }
  hash_key = "user_id"
}
"""


def blocks(folder: Path, text: str | bytes) -> list[Block]:
    """Return the blocks of a file with this text."""
    path = folder / "main.tf"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return parse(path, "main.tf")


def tree(folder: Path, **files: str) -> Path:
    """Return a root that holds these files; `__` stands for a slash and `_tf` for the ending."""
    root = folder / "terraform"
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_tf", ".tf").replace("_json", ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_syntax_error_names_its_place(tmp_path: Path, text: str, message: str) -> None:
    """What is not HCL is an error that names file, line and column, and shows the line."""
    with pytest.raises(ToolError, match=message):
        blocks(tmp_path, text)


def test_every_broken_file_is_named(tmp_path: Path) -> None:
    """Somebody who broke two files learns of both at once."""
    root = tree(tmp_path, dev__main_tf="a {\n", prod__main_tf="b = {\n", good_tf="locals {}\n")
    with pytest.raises(ToolError) as caught:
        read_source(root)
    lines = str(caught.value).splitlines()
    places = ["terraform/dev/main.tf:2:1", "terraform/prod/main.tf:2:1"]
    assert [line.partition(": ")[0] for line in lines] == places


def test_missing_folder(tmp_path: Path) -> None:
    """A folder that is not there is an error that says which option names it."""
    with pytest.raises(ToolError, match=r"nowhere: no such folder.*--terraform-root"):
        read_source(tmp_path / "nowhere")


def test_file_that_is_not_text(tmp_path: Path) -> None:
    """A file that is not UTF-8 is an error that names it."""
    with pytest.raises(ToolError, match=r"main\.tf: cannot be read: 'utf-8'"):
        blocks(tmp_path, b'locals { a = "\xff" }')


def test_unclosed_quote_in_a_long_file_is_found_soon(tmp_path: Path) -> None:
    """An unclosed quote amid 2,000 lines is reported near its line, in little time.

    Reading the same lines without a fault is the yardstick: it takes about twice as long. Both
    are measured by the processor, which other programs of the machine slow much less.
    """
    started = time.process_time()
    blocks(tmp_path, f'locals {{\n{LONG}  good = "closed"\n{LONG}}}\n')
    sound = time.process_time() - started
    with pytest.raises(ToolError, match=r"main\.tf:100[23]:"):
        blocks(tmp_path, f'locals {{\n{LONG}  bad = "unclosed\n{LONG}}}\n')
    assert time.process_time() - started - sound < 10 * sound


@pytest.mark.parametrize(("text", "value"), VALUES.values(), ids=VALUES)
def test_values(tmp_path: Path, text: str, value: object) -> None:
    """Literals become Python values, and whatever must be evaluated stays an expression."""
    assert blocks(tmp_path, f"locals {{\n  a = {text}\n}}\n")[0].body == {"a": value}


def test_block_knows_labels_and_lines(tmp_path: Path) -> None:
    """A block knows where it starts, and where each of its attributes and nested blocks does."""
    (block,) = blocks(tmp_path, RESOURCE)
    assert (block.address, block.source) == ("aws_dynamodb_table.users", "main.tf:2")
    assert block.place("name") == "main.tf:3"
    assert block.place("ttl") == "main.tf:5"
    assert block.place("hash_key") == "main.tf:15"
    assert block.place("absent") == "main.tf:2"


def test_nested_blocks_are_lists(tmp_path: Path) -> None:
    """Nested blocks are found by name, however many there are."""
    (block,) = blocks(tmp_path, RESOURCE)
    assert [part["name"] for part in block.nested("attribute")] == ["user_id", "email"]
    assert block.nested("ttl") == [{"attribute_name": "expires_at"}]
    assert block.nested("lifecycle", "postcondition") == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = <<EOT\n}\n# x\nEOT\n", 6),
        ("# one\n  // two\n", 4),
        ("/* one\n   two */\n", 4),
        ("a = [\n  1,\n]\n", 5),
    ],
    ids=["heredoc", "comments", "block comment", "list"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_lines_are_right_after(tmp_path: Path, text: str, place: int, end: str) -> None:
    """Whatever takes several lines does not shift the lines of what follows it."""
    whole = f"locals {{\n{text}  z = 1\n}}\n".replace("\n", end)
    (block,) = blocks(tmp_path, whole)
    assert (block.lines["z"], block.body["z"]) == (place, 1)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("\n\n", 0),
        ("# nothing", 0),
        ("locals { a = 1 }", 1),
        ("\ufefflocals {}\n", 1),
        ("resource aws_x y {\n}\n", 1),
    ],
    ids=["empty", "blank", "comment", "no line end", "byte order mark", "unquoted labels"],
)
def test_odd_files_are_read(tmp_path: Path, text: str, count: int) -> None:
    """Every file that Terraform accepts is read, however odd."""
    assert len(blocks(tmp_path, text)) == count


def test_installed_modules_are_not_source(tmp_path: Path) -> None:
    """What init put below .terraform is not the user's source: it is neither read nor listed."""
    root = tree(tmp_path, main_tf="locals {}\n")
    (root / ".terraform/modules").mkdir(parents=True)
    (root / ".terraform/modules/main.tf").write_text("broken = {", encoding="utf-8")
    source = read_source(root)
    assert (source.files, len(source.blocks)) == (("terraform/main.tf",), 1)


def test_every_file_that_changes_a_run_is_listed(tmp_path: Path) -> None:
    """JSON configuration and overrides are listed; notes and values beside them are not."""
    root = tree(tmp_path, main_tf="", a_tf_json="{}", x_override_tf="", README="", dev_tfvars="")
    names = {"main.tf", "a.tf.json", "x_override.tf"}
    assert {Path(file).name for file in read_source(root).files} == names


def test_paths_are_relative_to_the_base(tmp_path: Path) -> None:
    """Blocks and files carry the path that messages show, relative to the chosen base."""
    source = read_source(tree(tmp_path, dev__main_tf="locals {}\n"), tmp_path)
    assert source.blocks[0].source == "terraform/dev/main.tf:1"
    assert source.directories() == ["terraform/dev"]


def test_threads_do_not_mix_up_their_files() -> None:
    """Trees that are read at the same time, as a base and a change are, come out as they are."""
    alone = read_source(TERRAFORM).blocks
    patience = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        with ThreadPoolExecutor(3) as pool:
            together = list(pool.map(lambda _: read_source(TERRAFORM).blocks, range(3)))
    finally:
        sys.setswitchinterval(patience)
    assert together == [alone] * 3
