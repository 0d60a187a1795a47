"""Where packages come from: as pip is told on this machine, and by pip where uv cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from requirements import environments
from requirements.commands import SetUpError
from tests.set_up.kit import PIP_DID, Checkout

pytestmark = pytest.mark.slow


def test_pips_files_are_uvs_too(small: Checkout) -> None:
    """An index that only a pip.conf names is where uv looks, beside a user's own options."""
    for name in ("uv", "alpha"):
        page = small.wheels / "simple" / name / "index.html"
        page.parent.mkdir(parents=True)
        file = small.wheels / f"{name}-1-py3-none-any.whl"
        page.write_text(f'<a href="{file.as_uri()}">{file.name}</a>', encoding="utf-8")
    config = small.root / "pip.conf"
    simple = (small.wheels / "simple").as_uri()
    config.write_text(f"[global]\nuser = true\n[install]\nindex-url = {simple}\n", "utf-8")
    small.environ |= {"PIP_CONFIG_FILE": str(config)}
    del small.environ["PIP_NO_INDEX"], small.environ["PIP_FIND_LINKS"]
    assert PIP_DID not in small.set_up("verification")
    assert small.installed() == {"alpha"}


def test_uvs_own_settings_go_first(small: Checkout) -> None:
    """What is set for uv itself stays."""
    small.environ["UV_FIND_LINKS"] = "/nowhere"
    assert (
        "uv could not install requirements/verification.txt, so pip installs them"
        in small.set_up("verification")
    )


@pytest.mark.parametrize("why", ["no wheel", "fails"])
def test_pip_does_it_where_uv_cannot(why: str, small: Checkout) -> None:
    """Without a uv for this machine, or where it fails, pip installs the same."""
    small.uv('[ "$1" = venv ] || { echo "error: no space"; exit 2; }')
    if why == "no wheel":
        (small.wheels / "uv-1-py3-none-any.whl").unlink()
    assert PIP_DID in small.set_up("verification")
    assert small.installed() == {"alpha"}
    assert small.set_up("verification") == ""


def test_nothing_can_be_reached(small: Checkout) -> None:
    """Without an index that answers, one sentence says what is missing, and nothing is complete."""
    (small.wheels / "alpha-1-py3-none-any.whl").unlink()
    said = small.set_up("verification", code=1)
    assert "requirements/verification.txt could not be installed: " in said
    assert "No matching distribution found for alpha==1" in said
    assert "Traceback" not in said
    assert not small.stamp.exists()


def test_debian_without_python3_venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python that can make no environment is told with the package that is missing."""
    monkeypatch.setattr(environments, "PYTHON", "false")
    with pytest.raises(
        SetUpError, match="false cannot create virtual environments: run `apt-get install py"
    ):
        environments.make_venv(tmp_path)
