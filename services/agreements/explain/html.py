"""A page as one HTML file that needs nothing else: no script, no font, no image from elsewhere."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from services.agreements.explain.drawing import drawn
from services.agreements.explain.page import Page


def as_html(page: Page) -> str:
    """The whole page. Every text of the agreement is escaped."""
    return _template().render(page=page)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("services.agreements.explain"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["kind"] = lambda block, name: type(block).__name__ == name
    environment.filters["drawn"] = drawn
    return environment.get_template("page.html")
