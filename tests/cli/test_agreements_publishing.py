"""An agreement's version is published once; the same text again changes nothing, another text is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.agreements import AgreementPublished
from schemas.base import read
from schemas.envelope import decode
from services.agreements.book import AgreementBook
from services.cli.agreements.publishing import Published, publish_agreement
from services.cli.errors import CliError
from services.runtime.admin import make
from services.runtime.follow import follow
from services.runtime.job import Record
from topics.catalogue import AGREEMENTS_EVENTS, CATALOGUE

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "waterkant-small.yaml"
NOW_MS = 1_795_420_800_000


@pytest.fixture(params=["embedded", "kafka"])
async def broker(request: pytest.FixtureRequest) -> tuple[str, bool]:
    """Its address, and whether it knows transactions."""
    bootstrap: str = request.getfixturevalue(request.param)
    await make(bootstrap, CATALOGUE)
    return bootstrap, request.param == "kafka"


@pytest.fixture
def agreement(unique: Callable[[str], str], tmp_path: Path) -> Path:
    """The example, as the agreement of a partnership no other test has."""
    text = EXAMPLE.read_text(encoding="utf-8")
    path = tmp_path / f"{unique('vlier')}.yaml"
    path.write_text(text.replace("partnership: de-vlier", f"partnership: {path.stem}"), encoding="utf-8")
    return path


async def publish(broker: tuple[str, bool], path: Path) -> Published:
    return await publish_agreement(broker[0], path, now_ms=NOW_MS, is_transactional=broker[1])


async def published(broker: tuple[str, bool], path: Path) -> list[Record]:
    batches = follow(broker[0], [AGREEMENTS_EVENTS.name], until_end=True)
    found = [record async for batch in batches for record in batch]
    return [record for record in found if (record.key or b"").startswith(f"{path.stem}/".encode())]


async def test_an_agreement_is_published_as_lanes_read_it(broker: tuple[str, bool], agreement: Path) -> None:
    assert await publish(broker, agreement) == Published(f"{agreement.stem}/1", "published")
    (record,) = await published(broker, agreement)
    assert read(AgreementPublished, record.value or b"").text == agreement.read_text(encoding="utf-8")
    envelope = decode(record.headers)
    assert (envelope.id, envelope.subject) == (f"agreements-{agreement.stem}-1", f"{agreement.stem}/1")
    book = AgreementBook()
    book.take(record.key, record.value, record.headers)
    assert [version.version for version in book.versions(agreement.stem)] == [1]


async def test_the_same_text_again_changes_nothing(broker: tuple[str, bool], agreement: Path) -> None:
    await publish(broker, agreement)
    assert await publish(broker, agreement) == Published(f"{agreement.stem}/1", "kept")
    assert len(await published(broker, agreement)) == 1


async def test_another_text_under_the_same_number_is_refused(
    broker: tuple[str, bool], agreement: Path
) -> None:
    await publish(broker, agreement)
    agreement.write_text(agreement.read_text(encoding="utf-8") + "# signed later\n", encoding="utf-8")
    with pytest.raises(CliError, match="already published with another text"):
        await publish(broker, agreement)
    assert len(await published(broker, agreement)) == 1


async def test_a_next_version_stands_beside_the_first(broker: tuple[str, bool], agreement: Path) -> None:
    await publish(broker, agreement)
    text = agreement.read_text(encoding="utf-8")
    agreement.write_text(text.replace("version: 1\n", "version: 2\n"), encoding="utf-8")
    assert (await publish(broker, agreement)).did == "published"
    assert len(await published(broker, agreement)) == 2


async def test_an_agreement_with_findings_is_refused_with_each_of_them(
    broker: tuple[str, bool], agreement: Path
) -> None:
    text = agreement.read_text(encoding="utf-8")
    agreement.write_text(text.replace("timezone:", "timezoon:"), encoding="utf-8")
    with pytest.raises(CliError, match=r"is not published, for it has findings:\n  line \d+: "):
        await publish(broker, agreement)
    assert await published(broker, agreement) == []
