"""Agreements: the signed text of a partnership, the one place where words may travel."""

from __future__ import annotations

from typing import ClassVar

from schemas.base import Code, Kind, Moment, Said


class AgreementPublished(Said):
    """A version of a partnership's agreement, in force from `valid_from`. Keyed `partnership/version`.

    `text` is the file as it was signed (YAML), `template_text` the regional template it fills in: with these two a
    reader has all there is. `check` has refused a person's name or address in them.
    """

    subject: ClassVar[str] = "agreements"
    kind: ClassVar[Kind] = "fact"

    partnership: Code
    agreement_version: int
    valid_from: Moment
    sha256: Code
    text: str
    template_sha256: Code | None = None
    template_text: str | None = None
