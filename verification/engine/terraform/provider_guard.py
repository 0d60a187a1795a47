"""What in a Terraform tree could lead the provider past the embedded AWS."""

from __future__ import annotations

from collections.abc import Iterator

from verification.engine.errors import ToolError
from verification.model.source import Block, Source

# Arguments of `provider "aws"` that say neither where to go nor who to be. With 5.100.0, an
# https_proxy there overrides the refusing one that we give it, and a no_proxy switches it off.
_HARMLESS = frozenset(
    {
        "alias",
        "allowed_account_ids",
        "default_tags",
        "forbidden_account_ids",
        "ignore_tags",
        "max_retries",
        "region",
        "retry_mode",
        "skip_credentials_validation",
        "skip_metadata_api_check",
        "skip_region_validation",
        "skip_requesting_account_id",
        "version",
    }
)


def refuse_escapes(source: Source) -> None:
    """Refuse a tree whose provider blocks could reach a real account from the embedded target.

    Raises:
        ToolError: a provider is told where to go or who to be, or a `.tf.json` file could tell it;
            names each place.
    """
    if found := list(_escapes(source)):
        raise ToolError("\n".join(found))


def _escapes(source: Source) -> Iterator[str]:
    for block in source.find("provider"):
        for name in sorted(set(block.body) - _HARMLESS):
            yield _refusal(block, name)
    for file in source.files:
        if file.endswith(".tf.json"):
            yield f"{file}: may configure a provider and is not read here. Write it as .tf."


def _refusal(block: Block, name: str) -> str:
    return (
        f"{block.place(name)}: {block.address}: {name} could lead past the embedded AWS. "
        "Leave it out, and give it to your own Terraform through the environment."
    )
