"""An unknown value is followed through the source to the one attribute that it will be."""

from pathlib import Path
from typing import Any

import pytest

from verification.engine.source.hcl import parse
from verification.engine.terraform.plan.references import References
from verification.model.source import Source
from verification.model.ternary import Unknown

ROOT = """
locals {
  name   = aws_x.own.id
  names  = [aws_x.own.id, aws_x.other.id]
  loop_a = local.loop_b
  loop_b = local.loop_a
}
module "m" {
  source = "../mod"
  arn    = aws_x.own.arn
  whole  = aws_x.own
  listed = [aws_x.own.id, "literal"]
  object = { id = aws_x.own.id }
  nulled = var.nothing
  text   = "literal"
}
module "chained" {
  source = "../mod"
  arn    = module.m.arn
}
module "each" {
  source   = "../mod"
  for_each = toset(["p"])
  arn      = aws_x.all[each.key].arn
}
module "ring_a" {
  source = "../mod"
  arn    = module.ring_b.arn
}
module "ring_b" {
  source = "../mod"
  arn    = module.ring_a.arn
}
module "registry" {
  source = var.source
}
resource "aws_x" "own" {
%s
}
"""
MODULE = """
variable "arn" {}
variable "defaulted" { default = null }
variable "required" {}
output "arn" { value = var.arn }
output "object" { value = { id = var.arn } }
resource "aws_x" "inner" {
  value = %s
}
"""
# Each expression with the reference it ends at; "" where nobody can tell.
AT_THE_ROOT = {
    "aws_x.other.id": "aws_x.other.id",
    '"${aws_x.other.id}"': "aws_x.other.id",
    "data.aws_x.other.id": "data.aws_x.other.id",
    "aws_x.all[0].id": "aws_x.all[0].id",
    'aws_x.all["a.b"].id': 'aws_x.all["a.b"].id',
    "aws_x.all[each.key].id": 'aws_x.all["k"].id',
    "aws_x.all[*].id": "aws_x.all[*].id",
    "local.name": "aws_x.own.id",
    "module.m.arn": "aws_x.own.arn",
    "module.chained.arn": "aws_x.own.arn",
    "null": 'aws_x.own["k"].value',
    "var.nothing": 'aws_x.own["k"].value',
    "var.absent": 'aws_x.own["k"].value',
    '"${aws_x.other.id}-suffix"': "${aws_x.other.id}-suffix",
    'jsonencode({ a = "${aws_x.a.id}/*" })': "",
    '"${aws_x.a.id}${aws_x.b.id}"': "${aws_x.a.id}${aws_x.b.id}",
    "true ? aws_x.other.id : null": "",
    "tostring(aws_x.other.id)": "",
    "aws_x.all[count.index].id": "",
    "aws_x.all.*.id": "",
    "each.value.id": "",
    "local.absent": "",
    "local.loop_a": "",
    "module.ring_a.arn": "",
    "module.m": "",
    "module.m.absent": "",
    "module.m.object.id": "",
    "module.absent.arn": "",
    "module.registry.arn": "",
    'module.each["p"].arn': "",
}
IN_A_MODULE = {
    "var.arn": "aws_x.own.arn",
    "var.whole.arn": "aws_x.own.arn",
    "var.whole": "aws_x.own",
    "var.listed[0]": "aws_x.own.id",
    "var.object.id": "aws_x.own.id",
    'var.object["id"]': "aws_x.own.id",
    "var.nulled": 'module.m.aws_x.inner["k"].value',
    "var.defaulted": 'module.m.aws_x.inner["k"].value',
    "aws_x.inner.id": "module.m.aws_x.inner.id",
    "aws_x.all[each.key].id": 'module.m.aws_x.all["k"].id',
    "var.required": "",
    "var.listed[*].id": "",
    "var.whole[*].id": "",
}
LITERALS = {"var.text": "literal", "var.listed[1]": "literal", '"plain"': "plain"}


def references(folder: Path, body: str = "", inner: str = "null", **variables: Any) -> References:
    """Return the references of a root module with this resource, and one with this value."""
    blocks = []
    for name, text in {"env": ROOT % body, "mod": MODULE % inner}.items():
        (folder / name).mkdir()
        (folder / name / "main.tf").write_text(text, encoding="utf-8")
        blocks += parse(folder / name / "main.tf", f"tf/{name}/main.tf")
    source = Source(folder.parent, folder, tuple(blocks), ("tf/env/main.tf", "tf/mod/main.tf"))
    return References(source, "tf/env", {"nothing": None} | variables)


@pytest.mark.parametrize(("expression", "reference"), AT_THE_ROOT.items(), ids=AT_THE_ROOT)
def test_expression_at_the_root(tmp_path: Path, expression: str, reference: str) -> None:
    """A plain reference is followed to its end; a text keeps those that it is made of."""
    found = references(tmp_path, f"value = {expression}").value('aws_x.own["k"]', ["value"])
    assert found == Unknown(reference)


@pytest.mark.parametrize(("expression", "reference"), IN_A_MODULE.items(), ids=IN_A_MODULE)
def test_expression_in_a_module(tmp_path: Path, expression: str, reference: str) -> None:
    """A module's variable is what its caller gave; null and a null default are the resource's."""
    found = references(tmp_path, inner=expression)
    assert found.value('module.m.aws_x.inner["k"]', ["value"]) == Unknown(reference)


@pytest.mark.parametrize(("expression", "value"), LITERALS.items(), ids=LITERALS)
def test_literal_stays(tmp_path: Path, expression: str, value: str) -> None:
    """A literal at the end of the chain is that literal."""
    assert references(tmp_path, inner=expression).value("module.m.aws_x.inner", ["value"]) == value


def test_each_key_is_the_module_instances_own(tmp_path: Path) -> None:
    """Two instances of one module call are given two different resources, and never one."""
    found = references(tmp_path, inner="var.arn")
    values = [found.value(f'module.each["{key}"].aws_x.inner', ["value"]) for key in "pq"]
    assert values == [Unknown('aws_x.all["p"].arn'), Unknown('aws_x.all["q"].arn')]


def test_given_root_variable_is_its_value(tmp_path: Path) -> None:
    """A root variable is what it was given, down to the part that is asked for."""
    found = references(tmp_path, "value = var.keys[1]", keys=["a", "b"])
    assert found.value("aws_x.own", ["value"]) == "b"


@pytest.mark.parametrize(
    ("body", "path", "reference"),
    [
        ("part {\n id = aws_x.a.id\n}", ["part", 0, "id"], "aws_x.a.id"),
        ("part {\n id = 1\n}", ["part", 0, "arn"], "aws_x.own.part.0.arn"),
        ("", ["arn"], "aws_x.own.arn"),
        ("list = [aws_x.a.id]", ["list", 0], "aws_x.a.id"),
        ("list = local.names", ["list", 1], "aws_x.other.id"),
        ("map = { k = aws_x.a.id }", ["map", "k"], "aws_x.a.id"),
        ("map = merge(var.x, {})", ["map", "k"], ""),
        ("list = [for x in var.y : x.id]", ["list", 0], ""),
        ('dynamic "part" {\n content {\n id = var.x\n}\n}', ["part", 0, "id"], ""),
    ],
    ids=[
        "nested block",
        "unset in a block",
        "unset",
        "list",
        "list in a local",
        "map",
        "call",
        "for",
        "dynamic block",
    ],
)
def test_path_into_a_value(
    tmp_path: Path, body: str, path: list[str | int], reference: str
) -> None:
    """A path is followed through blocks, lists and locals; what is unset is the resource's own."""
    assert references(tmp_path, body).value("aws_x.own", path) == Unknown(reference)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ('aws_x.own["k"]', "tf/env/main.tf:37"),
        ('module.each["p"].aws_x.inner[0]', "tf/mod/main.tf:7"),
        ("module.m.aws_x.absent", None),
        ("module.absent.aws_x.inner", None),
        ("module.registry.aws_x.inner", None),
    ],
)
def test_block_of_an_address(tmp_path: Path, address: str, source: str | None) -> None:
    """A planned resource leads to the block it comes from; without one nothing is claimed."""
    found = references(tmp_path)
    block = found.block(address)
    assert (block.source if block else None) == source
    if source is None:
        assert found.value(address, ["id"]) == Unknown()
