"""`seinhuis agreements holidays`: a list of holidays to review and to paste into an agreement."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from importlib.metadata import version
from typing import Annotated

import typer

from services.agreements.holiday_lists import Holiday, Language, reason_to_choose, written
from services.cli.errors import UsedWrongly

MAX_YEARS = 20
#: The calendar's rules are known for these years; further ahead a law may well have changed.
FIRST_YEAR, LAST_YEAR = 2000, 2100
_YEARS = re.compile(r"([0-9]{4})(?:-([0-9]{4}))?")


def holidays(
    country: Annotated[
        str, typer.Argument(metavar="COUNTRY", help="Its two letters: NL, BE, DE.", show_default=False)
    ],
    years: Annotated[
        str, typer.Argument(metavar="YEARS", help="A year, or the first and the last: 2026-2030.")
    ],
    lang: Annotated[Language, typer.Option("--lang", help="Names and notes in Dutch or English.")] = "nl",
) -> None:
    """The holidays of a whole country, each with name and source, ready to paste under a calendar of an agreement.

    A proposal to go through, not a rule: an agreement holds its days off as it was signed, and computes none.
    Days that are not a day off everywhere (Good Friday, 5 May) stand behind a `#`, with the reason: choose.
    The lines are indented as they stand there: paste them as they are.

    Examples:

        seinhuis agreements holidays NL 2026-2030

        seinhuis agreements holidays NL 2026 --lang en
    """
    code = country.upper()
    first, last = _years(years)
    # Only here: nothing that decides knows this library, whose lists change with its versions.
    from holidays import country_holidays, list_supported_countries  # noqa: PLC0415

    if code not in list_supported_countries(include_aliases=False):
        raise UsedWrongly(
            f"`{country}` is no country whose holidays are known; write its two letters, such as NL"
        )
    known = country_holidays(code)
    own_language = known.default_language
    shown_language = next(
        (one for one in known.supported_languages if one.split("_")[0] == lang), own_language
    )
    found: dict[date, Holiday] = {}
    for category in ("public", "optional"):
        if category in known.supported_categories:
            of_years = partial(country_holidays, code, years=range(first, last + 1), categories={category})
            shown = of_years(language=shown_language)
            for on, name in of_years(language=own_language).items():
                reason = reason_to_choose(code, name, is_optional=category == "optional")
                found.setdefault(on, Holiday(on, shown[on], reason))
    title = f"{first}" if first == last else f"{first}-{last}"
    print(written(code, title, found.values(), f"holidays {version('holidays')} ({code})", lang), end="")


def _years(text: str) -> tuple[int, int]:
    matched = _YEARS.fullmatch(text)
    if not matched:
        raise UsedWrongly(f"`{text}` is no year and no range of years; write 2026, or 2026-2030")
    first, last = int(matched[1]), int(matched[2] or matched[1])
    if last < first:
        raise UsedWrongly(f"`{text}` runs backwards; write {last}-{first}")
    if first < FIRST_YEAR or last > LAST_YEAR:
        raise UsedWrongly(f"`{text}` is out of reach; write years from {FIRST_YEAR} up to {LAST_YEAR}")
    if last - first >= MAX_YEARS:
        raise UsedWrongly(
            f"`{text}` is more than {MAX_YEARS} years; write {first}-{first + MAX_YEARS - 1}: a list that long "
            "is not reviewed"
        )
    return first, last
