"""Rejects Terraform trees whose provider could bypass the embedded AWS."""

from __future__ import annotations

from collections.abc import Iterator

from verification.engine.errors import ToolError
from verification.model.source import Block, Source

# Allowed arguments of `provider "aws"`: no endpoints and no credentials. With 5.100.0, https_proxy
# there overrides the refusing proxy of the environment, and no_proxy disables it.
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
    """Reject a tree whose provider blocks could reach a real account from the embedded target.

    Raises:
        ToolError: a provider has endpoints or credentials, or a `.tf.json` file could have some;
            the message has each place.
    """
    if found := list(_escapes(source)):
        raise ToolError("\n".join(found))


def _escapes(source: Source) -> Iterator[str]:
    for block in source.find("provider"):
        for name in sorted(set(block.body) - _HARMLESS):
            yield _refusal(block, name)
    for file in source.files:
        if file.endswith(".tf.json"):
            yield f"{file}: may configure a provider, but is not parsed. Convert it to .tf."


def _refusal(block: Block, name: str) -> str:
    return (
        f"{block.place(name)}: {block.address}: {name} could bypass the embedded AWS. "
        "Remove it, and pass it to your own Terraform by the environment."
    )
