"""A version of an agreement is published once, ahead of its start; whatever may not stand there is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from schemas.agreements import AgreementPublished
from schemas.base import read
from schemas.envelope import decode
from services.agreements.book import AgreementBook
from services.agreements.findings import Finding
from services.cli.agreements import publishing
from services.cli.agreements.publishing import Published, publish_agreement
from services.cli.errors import CliError
from services.runtime.admin import make
from services.runtime.follow import follow
from services.runtime.job import Record
from services.runtime.reach import Superseded
from services.runtime.send import Outgoing, Sender
from tests.casework.small import Place, a_small
from tests.casework.world import ms
from topics.catalogue import AGREEMENTS_EVENTS, CATALOGUE

NOW = "2026-11-23T09:00"
#: A postcode for each agreement: on a broker that tests share, areas would overlap.
POSTCODES = count(5000)


@pytest.fixture(params=["embedded", "kafka"])
async def broker(request: pytest.FixtureRequest) -> tuple[str, bool]:
    """Its address, and whether it knows transactions."""
    bootstrap: str = request.getfixturevalue(request.param)
    await make(bootstrap, CATALOGUE)
    return bootstrap, request.param == "kafka"


@pytest.fixture
def agreement(unique: Callable[[str], str], tmp_path: Path) -> Path:
    """A small agreement, a partnership and an area that no other test has."""
    path = tmp_path / f"{unique('vlier')}.yaml"
    path.write_text(an_agreement(path.stem, next(POSTCODES)), encoding="utf-8")
    return path


def an_agreement(partnership: str, postcode: int, *, is_overlap_allowed: bool = False) -> str:
    text = a_small(Place(partnership, f'["{postcode}"]', "next-door", '["9999"]'))
    area = f'area: {{postcodes: ["{postcode}"]}}'
    assert area in text
    return text.replace(area, area[:-1] + ", overlap: allowed}") if is_overlap_allowed else text


def a_version(path: Path, number: int, day: str) -> Path:
    """The agreement as another version of it."""
    text = path.read_text(encoding="utf-8")
    other = path.with_name(f"{path.stem}-{number}.yaml")
    assert "version: 1\n" in text
    text = text.replace("version: 1\n", f"version: {number}\n").replace("2026-11-01", day, 1)
    other.write_text(text, encoding="utf-8")
    return other


async def publish(broker: tuple[str, bool], path: Path, at: str = NOW) -> Published:
    return await publish_agreement(broker[0], path, now_ms=ms(at), is_transactional=broker[1])


async def published(broker: tuple[str, bool], path: Path) -> list[Record]:
    batches = follow(broker[0], [AGREEMENTS_EVENTS.name], until_end=True)
    found = [record async for batch in batches for record in batch]
    return [record for record in found if (record.key or b"").startswith(f"{path.stem}/".encode())]


async def test_an_agreement_is_published_as_lanes_read_it(broker: tuple[str, bool], agreement: Path) -> None:
    done = await publish(broker, agreement)
    assert (done.key, done.did) == (f"{agreement.stem}/1", "published")
    (record,) = await published(broker, agreement)
    assert read(AgreementPublished, record.value or b"").text == agreement.read_text(encoding="utf-8")
    envelope = decode(record.headers)
    assert (envelope.id, envelope.subject) == (f"agreements-{agreement.stem}-1", f"{agreement.stem}/1")
    book = AgreementBook()
    assert book.take(record.key, record.value, record.headers) is None
    assert [version.version for version in book.versions(agreement.stem)] == [1]


async def test_the_same_text_again_changes_nothing(broker: tuple[str, bool], agreement: Path) -> None:
    await publish(broker, agreement)
    done = await publish(broker, agreement)
    assert (done.key, done.did) == (f"{agreement.stem}/1", "kept")
    assert len(await published(broker, agreement)) == 1


async def test_another_text_under_the_same_number_is_refused(
    broker: tuple[str, bool], agreement: Path
) -> None:
    await publish(broker, agreement)
    agreement.write_text(agreement.read_text(encoding="utf-8") + "# signed later\n", encoding="utf-8")
    with pytest.raises(CliError, match=r"already published with another text.*make this `version: 2`"):
        await publish(broker, agreement)
    assert len(await published(broker, agreement)) == 1


async def test_a_next_version_stands_beside_the_first(broker: tuple[str, bool], agreement: Path) -> None:
    await publish(broker, agreement)
    assert (await publish(broker, a_version(agreement, 2, "2026-12-01"))).did == "published"
    assert len(await published(broker, agreement)) == 2


async def test_a_next_version_without_a_lead_is_refused(broker: tuple[str, bool], agreement: Path) -> None:
    await publish(broker, agreement)
    late = a_version(agreement, 2, "2026-12-01")
    with pytest.raises(CliError, match="set `valid_from: 2026-12-02` or later"):
        await publish(broker, late, "2026-11-30T23:59:30")
    assert len(await published(broker, agreement)) == 1
    assert (await publish(broker, late, "2026-11-30T23:59:00")).did == "published"


async def test_a_number_that_does_not_count_up_is_refused(broker: tuple[str, bool], agreement: Path) -> None:
    await publish(broker, a_version(agreement, 5, "2026-11-01"))
    with pytest.raises(CliError, match="version 5 is published; make this `version: 6`"):
        await publish(broker, a_version(agreement, 4, "2026-12-01"))


async def test_a_number_that_something_unreadable_has_is_not_written_over(
    broker: tuple[str, bool], agreement: Path
) -> None:
    key = f"{agreement.stem}/1".encode()
    async with Sender(broker[0]) as sender:
        await sender.put(Outgoing(AGREEMENTS_EVENTS.name, key, b"{}", []))
    with pytest.raises(CliError, match="this seinhuis cannot read; bring"):
        await publish(broker, agreement)
    assert [record.value for record in await published(broker, agreement)] == [b"{}"]


async def test_an_agreement_with_findings_is_refused_with_each_of_them(
    broker: tuple[str, bool], agreement: Path
) -> None:
    text = agreement.read_text(encoding="utf-8")
    agreement.write_text(text.replace("timezone:", "timezoon:"), encoding="utf-8")
    with pytest.raises(CliError, match="is not published, for it has findings:\n") as refused:
        await publish(broker, agreement)
    told = str(refused.value).splitlines()[1:]
    assert [line.split()[1] for line in told] == ["missing_key", "unknown_key"]
    assert all(line.strip().startswith(f"{agreement}:") for line in told)
    assert await published(broker, agreement) == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(False, False), (True, False), (False, True), (True, True)],
)
async def test_an_area_that_another_partnership_answers_for_is_refused_unless_both_were_allowed(
    embedded: str, agreement: Path, unique: Callable[[str], str], ours: bool, theirs: bool
) -> None:
    await make(embedded, CATALOGUE)
    postcode = next(POSTCODES)
    agreement.write_text(an_agreement(agreement.stem, postcode, is_overlap_allowed=ours), encoding="utf-8")
    next_door = agreement.with_name(f"{unique('kolk')}.yaml")
    next_door.write_text(an_agreement(next_door.stem, postcode, is_overlap_allowed=theirs), encoding="utf-8")
    broker = (embedded, False)
    await publish(broker, next_door)
    if not (ours and theirs):
        with pytest.raises(CliError, match=f"area_overlaps .*{postcode}.*{next_door.stem}"):
            await publish(broker, agreement)
    else:
        assert (await publish(broker, agreement)).did == "published"


async def test_an_area_that_the_neighbour_has_given_up_by_then_is_free(
    embedded: str, agreement: Path, unique: Callable[[str], str]
) -> None:
    await make(embedded, CATALOGUE)
    broker, postcode = (embedded, False), next(POSTCODES)
    next_door = agreement.with_name(f"{unique('kolk')}.yaml")
    next_door.write_text(an_agreement(next_door.stem, postcode), encoding="utf-8")
    await publish(broker, next_door)
    smaller = a_version(next_door, 2, "2026-12-01")
    smaller.write_text(
        smaller.read_text(encoding="utf-8").replace(str(postcode), str(next(POSTCODES))), encoding="utf-8"
    )
    await publish(broker, smaller)
    agreement.write_text(an_agreement(agreement.stem, postcode), encoding="utf-8")
    with pytest.raises(CliError, match="area_overlaps"):
        await publish(broker, agreement)
    assert (await publish(broker, a_version(agreement, 1, "2026-12-01"))).did == "published"


# -- templates ---------------------------------------------------------------------------------------


def parted(agreement: Path) -> tuple[Path, Path]:
    """The agreement as a file that fills in a regional template, and the template with its other half."""
    text = agreement.read_text(encoding="utf-8")
    head, _, tail = text.partition("\nobligations:")
    assert tail
    template = agreement.with_name(f"region-{agreement.stem}.yaml")
    template.write_text(
        f"meta: {{template: {template.stem}, version: 3, title: Regionaal sjabloon}}\nobligations:{tail}",
        encoding="utf-8",
    )
    agreement.write_text(
        head.replace(
            "version: 1\n", f"version: 1\n  inherits: {{template: {template.stem}, version: 3}}\n", 1
        ),
        encoding="utf-8",
    )
    return agreement, template


async def test_an_agreement_is_published_with_the_template_it_fills_in(
    broker: tuple[str, bool], agreement: Path
) -> None:
    file, template = parted(agreement)
    assert (await publish(broker, file)).did == "published"
    (record,) = await published(broker, agreement)
    fact = read(AgreementPublished, record.value or b"")
    assert fact.text == file.read_text(encoding="utf-8")
    assert fact.template_text == template.read_text(encoding="utf-8")
    book = AgreementBook()
    assert book.take(record.key, record.value, record.headers) is None
    found = book.in_force(agreement.stem, ms(NOW))
    assert found is not None and [duty.name for duty in found.duties["SignalRouted"]] == [
        "acknowledge_signal"
    ]
    assert (await publish(broker, file)).did == "kept"


async def test_another_template_under_the_same_number_is_another_text(embedded: str, agreement: Path) -> None:
    await make(embedded, CATALOGUE)
    file, template = parted(agreement)
    await publish((embedded, False), file)
    template.write_text(template.read_text(encoding="utf-8") + "# revised\n", encoding="utf-8")
    with pytest.raises(CliError, match="already published with another text of its template"):
        await publish((embedded, False), file)


async def test_a_template_elsewhere_is_named_and_one_that_is_nowhere_is_asked_for(
    embedded: str, agreement: Path, tmp_path: Path
) -> None:
    await make(embedded, CATALOGUE)
    file, template = parted(agreement)
    (tmp_path / "elsewhere").mkdir()
    moved = template.rename(tmp_path / "elsewhere" / "any-name.yaml")
    with pytest.raises(CliError, match=r"inherits_missing .* or name it with --template"):
        await publish((embedded, False), file)
    done = await publish_agreement(embedded, file, now_ms=ms(NOW), is_transactional=False, template=moved)
    assert done.did == "published"


# -- what is there, and who else writes --------------------------------------------------------------


async def test_what_is_published_is_kept_whatever_check_has_learned_since(
    embedded: str, agreement: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(embedded, CATALOGUE)
    await publish((embedded, False), agreement)
    stricter = (Finding(1, 1, "no_level_always"),)
    monkeypatch.setattr(publishing, "check", lambda *_, **__: stricter)
    assert (await publish((embedded, False), agreement)).did == "kept"
    with pytest.raises(CliError, match="no_level_always"):
        await publish((embedded, False), a_version(agreement, 2, "2026-12-01"))


async def test_warnings_are_told_and_do_not_refuse(
    embedded: str, agreement: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(embedded, CATALOGUE)
    warnings = (Finding(1, 1, "no_core_kind", "warning"),)
    monkeypatch.setattr(publishing, "check", lambda *_, **__: warnings)
    done = await publish((embedded, False), agreement)
    assert (done.did, done.warnings) == ("published", warnings)


@pytest.mark.parametrize("ending", ["\r\n", "\n\n\n"])
async def test_every_byte_of_the_signed_text_is_published(
    embedded: str, agreement: Path, ending: str
) -> None:
    await make(embedded, CATALOGUE)
    signed = agreement.read_bytes().replace(b"\n", ending.encode())
    agreement.write_bytes(signed)
    await publish((embedded, False), agreement)
    (record,) = await published((embedded, False), agreement)
    assert read(AgreementPublished, record.value or b"").text.encode() == signed


@pytest.mark.kafka
async def test_of_two_who_publish_at_the_same_time_at_most_one_text_passes(
    kafka: str, agreement: Path, tmp_path: Path
) -> None:
    await make(kafka, CATALOGUE)
    other = tmp_path / "other.yaml"
    other.write_text(agreement.read_text(encoding="utf-8") + "# theirs\n", encoding="utf-8")
    done = await asyncio.gather(
        publish((kafka, True), agreement), publish((kafka, True), other), return_exceptions=True
    )
    assert all(isinstance(one, Published | CliError | Superseded) for one in done), done
    texts = {record.value for record in await published((kafka, True), agreement)}
    assert len(texts) <= 1
    assert len(texts) == sum(isinstance(one, Published) for one in done)
