"""The section of report.html with what the embedded AWS cannot show."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment, pass_environment
from markupsafe import Markup, escape

from verification.model.limits import load_limits

LIMITS = Path(__file__).parents[2] / "limits.toml"


@pass_environment
def limits_section(environment: Environment) -> Markup:
    """Render the section."""
    template = environment.get_template("limits.html.j2")
    return Markup(template.render(limits=load_limits(LIMITS), marked=_marked))


def _marked(text: str) -> Markup:
    """The text as HTML, with backquoted parts as code."""
    return Markup(re.sub("`([^`]*)`", r"<code>\1</code>", str(escape(text))))
