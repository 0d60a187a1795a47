"""No provider block may lead past the embedded AWS."""

from pathlib import Path

import pytest

from tests.kit import TERRAFORM
from verification.engine.errors import ToolError
from verification.engine.source.hcl import read_source
from verification.engine.terraform.provider_guard import refuse_escapes


@pytest.mark.parametrize(
    ("argument", "name"),
    [
        ('https_proxy = "http://proxy.example.com"', "https_proxy"),
        ('no_proxy = "amazonaws.com"', "no_proxy"),
        ('profile = "prod"', "profile"),
        ('access_key = "AKIA"', "access_key"),
        ('endpoints {\n    sts = "https://sts.us-east-1.amazonaws.com"\n  }', "endpoints"),
        ('assume_role {\n    role_arn = "arn:aws:iam::1:role/x"\n  }', "assume_role"),
    ],
)
def test_way_out_is_refused(argument: str, name: str, tmp_path: Path) -> None:
    """A provider told where to go or who to be is refused by file, line and argument."""
    (tmp_path / "main.tf").write_text(f'provider "aws" {{\n  {argument}\n}}\n', "utf-8")
    with pytest.raises(ToolError, match=rf"main\.tf:2: provider\.aws: {name} could bypass"):
        refuse_escapes(read_source(tmp_path))


def test_json_is_refused(tmp_path: Path) -> None:
    """A JSON file, which is not read, is refused too."""
    (tmp_path / "main.tf.json").write_text('{"provider": {"aws": {}}}', "utf-8")
    with pytest.raises(ToolError, match=r"main\.tf\.json: may configure a provider"):
        refuse_escapes(read_source(tmp_path))


def test_our_own_tree_passes() -> None:
    """The repository's Terraform has no way out."""
    source = read_source(TERRAFORM)
    assert source.find("provider")
    refuse_escapes(source)
