"""`seinhuis agreements history`: every version of every partnership, and what lies there and cannot be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from services.agreements.check import check
from services.agreements.load import load
from services.cli.agreements.editions import Edition, editions, in_words, plain
from services.cli.agreements.published import (
    PartnershipArgument,
    Unused,
    expect_published,
    read_shelf,
)
from services.cli.agreements.telling import at_wall
from services.cli.asked import KAFKA, FormatOption, KafkaOption, clock, run, security

_COLUMNS = ("version", "from", "state", "check", "sha256", "published", "fills in", "")
_KEPT_OUT = (
    "Workers keep these out too, and go by what was in force: a newer seinhuis published them, or something\n"
    "else wrote here. Bring seinhuis up to date, or publish the next version."
)


class Row(NamedTuple):
    """A version, and how many errors and warnings `check` finds in it."""

    edition: Edition
    findings: dict[str, int]


def history(
    partnership: PartnershipArgument = None, kafka: KafkaOption = KAFKA, output: FormatOption = "text"
) -> None:
    """List every published version: since when, in force, past or to come, what `check` finds in it today, its hash.

    Records that cannot be used are named with their place and the reason; workers keep them out too.

    Examples:

        seinhuis agreements history

        seinhuis agreements history de-vlier --format json
    """
    shelf = run(read_shelf(kafka, security()))
    kept_out = shelf.kept_out(partnership)
    if not kept_out:
        expect_published(shelf, partnership, kafka)
    names = shelf.book.partnerships() if partnership is None else (partnership,)
    now_ms = clock().now_ms()
    found = [[Row(one, _findings(one, now_ms)) for one in editions(shelf, name, now_ms)] for name in names]
    if output == "json":
        print(orjson.dumps(_plain(found, kept_out)).decode())
        return
    parts = ["\n".join(_table(rows)) for rows in found if rows]
    if kept_out:
        parts.append("\n".join(["kept out", *(_line(key, record) for key, record in kept_out), _KEPT_OUT]))
    print("\n\n".join(parts))


def _findings(edition: Edition, now_ms: int) -> dict[str, int]:
    """How many errors and warnings `check` finds in it: what holds is looked at as of now, all else as it began."""
    draft = load(edition.fact.text, template=edition.fact.template_text)
    at_ms = now_ms if edition.state == "in_force" else None
    return dict(sorted(Counter(found.severity for found in check(draft, at_ms=at_ms)).items()))


def _table(rows: Sequence[Row]) -> Iterator[str]:
    """A line a version under the name of the partnership; a title is told again where it was another."""
    last = rows[-1].edition.found.agreement.meta
    yield f"{last.partnership}  {last.title}"
    lines = [_COLUMNS, *(_cells(row, last.title) for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(_COLUMNS))]
    for line in lines:
        cells = (f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()


def _cells(row: Row, title: str) -> Sequence[str]:
    edition, meta = row.edition, row.edition.found.agreement.meta
    counted = [f"{count} {word}{'s' * (count > 1)}" for word, count in row.findings.items()]
    return (
        str(meta.version),
        f"{at_wall(edition.found.valid_from_ms, edition.zone):%Y-%m-%d %H:%M}",
        in_words(edition.state),
        ", ".join(counted) or "-",
        edition.fact.sha256[:12],
        f"{edition.published_at:%Y-%m-%d %H:%M}",
        "-" if meta.inherits is None else f"{meta.inherits.template} {meta.inherits.version}",
        "" if meta.title == title else meta.title,
    )


def _line(key: str, record: Unused) -> str:
    line = f" at line {record.why.line}" if record.why.line else ""
    return f"  {key}  {record.why.reason}{line}  ({record.place})"


def _plain(found: Sequence[Sequence[Row]], kept_out: Sequence[tuple[str, Unused]]) -> dict[str, Any]:
    return {
        "versions": [{**plain(row.edition), "findings": row.findings} for rows in found for row in rows],
        "kept_out": [
            {
                "key": key,
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "reason": record.why.reason,
                "line": record.why.line,
            }
            for key, record in kept_out
        ],
    }
