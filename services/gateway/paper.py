"""Pages for people: one frame, no script, a strict content security policy; Dutch unless English is asked for."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

Language = Literal["nl", "en"]
_PLACE = Path(__file__).parent / "pages"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_PLACE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> tuple[str, str]:
    """The style of every page, and the policy that allows this one and nothing else."""
    text = (_PLACE / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return text, (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def language_of(request: Request) -> Language:
    """What somebody asked for, by the address or by the browser's own language; Dutch otherwise."""
    asked = request.query_params.get("lang")
    if asked in ("nl", "en"):
        return "en" if asked == "en" else "nl"
    for one in request.headers.get("accept-language", "").lower().split(","):
        if (word := one.partition(";")[0].strip()[:2]) in ("nl", "en"):
            return "en" if word == "en" else "nl"
    return "nl"


def page(template: str, language: Language, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page of ours. Its form may be sent from itself only: the browser has to say where it comes from."""
    style, policy = _style()
    text = _environment().get_template(template).render(lang=language, style=style, **values)
    return HTMLResponse(
        text,
        status_code=status,
        headers={
            "Content-Security-Policy": policy,
            "Referrer-Policy": "same-origin",
            "Content-Language": language,
        },
    )


def is_from_own_page(request: Request) -> bool:
    """Whether a browser says that this form was sent from a page of ours."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    return bool(origin) and origin.partition("://")[2] == request.headers.get("host")
