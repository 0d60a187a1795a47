"""The page: what it says, that a strict policy suffices, and that everybody can use it."""

from __future__ import annotations

import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright._impl._driver import compute_driver_executable

import backend
from tests.kit import HANG, REPOSITORY

STATIC = Path(backend.__file__).parent / "static"
# Playwright brings a Node.js of its own, so that none need be on the machine.
NODE = compute_driver_executable()[0]


class Page(HTMLParser):
    """The elements of a page, as (tag, attributes)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the element."""
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements with the tag; none is a failure."""
        found = [attributes for name, attributes in self.elements if name == tag]
        assert found, f"no {tag} on the page"
        return found


@pytest.fixture(name="page")
def _page(client: FlaskClient) -> Page:
    """The page at /."""
    return Page(client.get("/").text)


def test_the_offer_is_worded_as_promised(client: FlaskClient) -> None:
    """The button says what the plan says it says."""
    button = r'<button id="start-trial"[^>]*>Try Premium - Free for 30 days</button>'
    assert re.search(button, client.get("/").text)


def test_nothing_is_inline(page: Page) -> None:
    """The page works under its policy: no inline script, style or handler, nothing from afar."""
    for tag, attributes in page.elements:
        assert not any(name == "style" or name.startswith("on") for name in attributes), tag
        for name in ("src", "href"):
            assert (attributes.get(name) or "/").startswith(("/", "#")), tag
    assert all(attributes.get("src") for attributes in page.all("script"))
    assert "style" not in {tag for tag, _ in page.elements}


def test_every_file_of_the_page_is_there(client: FlaskClient, page: Page) -> None:
    """Scripts, style and icon exist, and scripts are sent as scripts."""
    wanted = [a["src"] for a in page.all("script")] + [a["href"] for a in page.all("link")]
    for path in [*wanted, *(f"/static/{path.name}" for path in STATIC.glob("*.js"))]:
        with client.get(path or "") as answer:
            assert answer.status_code == 200, path
            assert not str(path).endswith(".js") or answer.mimetype == "text/javascript"


def test_password_rule_is_the_pools(client: FlaskClient) -> None:
    """The page asks for passwords that the user pool accepts, and for no less."""
    module = (REPOSITORY / "terraform/modules/identity/main.tf").read_text(encoding="utf-8")
    found = dict(re.findall(r"^    (minimum_length|require_\w+) += (\w+)$", module, re.M))
    length = found.pop("minimum_length")
    assert found == dict.fromkeys(
        ("require_lowercase", "require_numbers", "require_symbols", "require_uppercase"), "true"
    )
    rule = f"t least {length} characters, with a capital and a small letter, a digit and a symbol."
    assert client.get("/").text.count(f"A{rule}") == 2
    weak = rule.removeprefix("t least")
    assert f"needs at least{weak}" in (STATIC / "app.js").read_text(encoding="utf-8")


def test_every_input_has_a_label(page: Page) -> None:
    """Screen readers can name each field, and browsers can fill it."""
    labels = {attributes["for"] for attributes in page.all("label")}
    for field in page.all("input"):
        assert field["id"] in labels
        assert field["autocomplete"]


def test_there_are_landmarks_and_a_live_region(page: Page) -> None:
    """The page names its language and its parts, and speaks when something changes."""
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("main")) == 1
    assert any(attributes.get("aria-live") == "polite" for _, attributes in page.elements)
    assert "width=device-width" in str(page.all("meta"))
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        assert attributes.get("aria-labelledby", ids[0]) in ids


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground", "wanted"),
    [
        ("ink", "ground", 7),
        ("ink", "card", 7),
        ("soft", "card", 4.5),
        ("accent", "card", 4.5),
        ("on-accent", "accent", 4.5),
        ("line", "card", 3),
    ],
)
def test_colours_have_enough_contrast(scheme: int, text: str, ground: str, wanted: float) -> None:
    """Text and controls reach the contrast of WCAG AA, in light and in dark."""
    blocks = re.findall(r":root \{(.*?)\}", (STATIC / "style.css").read_text(), re.DOTALL)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[scheme]))
    bright, dark = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= wanted


def test_the_configuration_holds_no_secret(client: FlaskClient) -> None:
    """The page learns where to sign in, and nothing more."""
    assert client.get("/config.json").get_json() == {
        "region": "us-east-1",
        "user_pool_id": "us-east-1_TestPool",
        "client_id": "test-client",
        "cognito_endpoint": "https://cognito-idp.us-east-1.amazonaws.com",
    }


def test_the_password_proof_is_what_cognito_expects(tmp_path: Path) -> None:
    """The SRP proofs equal those of pycognito, which real pools accept, on recorded challenges."""
    (tmp_path / "cognito.mjs").write_text((STATIC / "cognito.js").read_text())
    vectors = Path(__file__).parent / "srp_vectors.json"
    program = (
        "import { readFileSync } from 'node:fs';"
        "import { signature } from './cognito.mjs';"
        f"for (const v of JSON.parse(readFileSync({json.dumps(str(vectors))})))"
        "  console.log(await signature("
        "    BigInt('0x' + v.secret), v.pool_name, v.password, v.challenge, v.timestamp));"
    )
    (tmp_path / "run.mjs").write_text(program)
    done = subprocess.run(
        [NODE, "run.mjs"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=HANG
    )
    expected = [vector["signature"] for vector in json.loads(vectors.read_text())]
    assert len(expected) == 4
    assert done.stdout.split() == expected
