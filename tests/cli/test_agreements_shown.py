"""`publish`, `show` and `history` as an operator meets them: what they print, and the exit code."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.agreements.book import publication, usable
from services.cli.agreements.publishing import publish_agreement
from services.cli.broker import Embedded
from services.cli.main import main
from services.cli.processes import free_port
from services.runtime.admin import make
from services.runtime.send import Outgoing, Sender
from tests.casework.small import KOLK, VLIER, Place, a_small
from tests.casework.world import ms
from topics.catalogue import AGREEMENTS_EVENTS, CATALOGUE

pytestmark = pytest.mark.broker

#: Version 1 of De Vlier, with an ending that an editor would have mended.
SIGNED = a_small(VLIER) + "\r\n\n"
NOW = "2026-11-23T09:00"

#: Runs a command of `seinhuis agreements`: its exit code, what it printed, what it complained of.
Say = Callable[..., tuple[int, str, str]]


def a_file(place: Path, text: str) -> str:
    place.write_bytes(text.encode())
    return str(place)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker with two partnerships and what cannot be used: De Vlier holds, is replaced, and has more to come."""
    place = tmp_path_factory.mktemp("published")
    with Embedded(log=place / "broker.log") as broker:
        asyncio.run(_furnish(broker.bootstrap, place))
        yield broker.bootstrap


async def _furnish(bootstrap: str, place: Path) -> None:
    await make(bootstrap, CATALOGUE)
    files = [
        a_file(place / "1.yaml", SIGNED),
        a_file(place / "2.yaml", a_small(VLIER, 2, "2027-01-01")),
        a_file(place / "3.yaml", a_small(VLIER, 3, "2026-12-01").replace("Afspraken", "Nieuwe afspraken")),
        a_file(place / "kolk.yaml", a_small(KOLK, 1, "2026-12-01")),
    ]
    for file in files:
        await publish_agreement(bootstrap, Path(file), now_ms=ms(NOW), is_transactional=False)
    later = (
        publication(usable(SIGNED), SIGNED).model_dump_json().replace("timezone:", "speeches: x\\ntimezone:")
    )
    async with Sender(bootstrap) as sender:
        for key, value in (
            (b"de-vlier/9", later.encode()),
            (b"scrawl \xff", b"Jan de Vries, Dorpsstraat 12"),
        ):
            await sender.put(Outgoing(AGREEMENTS_EVENTS.name, key, value, []))


@pytest.fixture
def say(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Say:
    """Commands by a clock that stands still, at the furnished broker unless they name another."""
    monkeypatch.setenv("SEINHUIS_KAFKA", request.getfixturevalue("furnished"))
    monkeypatch.setenv("SEINHUIS_TRANSACTIONS", "off")
    monkeypatch.setenv("SEINHUIS_CLOCK", f"{NOW}+01:00@{int(time.time())}x0.000001")

    def said(*arguments: str) -> tuple[int, str, str]:
        capfdbinary.readouterr()
        code = main(["agreements", *arguments])
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return said


# -- publish -----------------------------------------------------------------------------------------


def test_publish_says_what_it_did_and_from_when_it_holds(
    embedded: str, say: Say, tmp_path: Path, unique: Callable[[str], str]
) -> None:
    asyncio.run(make(embedded, CATALOGUE))
    name = unique("vlier")
    file = a_file(tmp_path / "a.yaml", a_small(Place(name, '["4999"]', "next-door", '["9999"]')))
    at = ("--kafka", embedded)
    holds = f"{name}/1, in force from Sun 01 Nov 2026 00:00 CET\n"
    code, out, err = say("publish", file, *at)
    assert (code, out) == (0, f"published {holds}")
    heading, *warnings = err.splitlines()
    assert heading == f"{len(warnings)} warnings, for the partners to weigh:"
    assert any("  signed_by_nobody  " in line for line in warnings)
    assert all(line.startswith(f"  {file}:") for line in warnings)
    assert say("publish", file, *at) == (0, f"kept {holds}", "")
    code, out, _ = say("publish", file, *at, "--format", "json")
    said = json.loads(out)
    assert (code, said["did"], said["valid_from"]) == (0, "kept", "2026-11-01T00:00:00+01:00")
    assert said["sha256"] == hashlib.sha256(Path(file).read_bytes()).hexdigest()


def test_publish_is_refused_with_one_sentence_and_a_way_out(say: Say, tmp_path: Path) -> None:
    file = a_file(tmp_path / "a.yaml", a_small(VLIER, 10, "2026-11-02"))
    code, out, err = say("publish", file)
    assert (code, out) == (1, "")
    assert err.startswith(f"seinhuis: {file} is not published: another version of de-vlier is in force")
    assert "set `valid_from: 2026-11-24` or later" in err and err.count("\n") == 1


def test_publish_of_a_file_that_is_not_there_is_wrong_use(say: Say) -> None:
    assert say("publish", "/nonexistent/a.yaml")[0] == 2


# -- show --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "heading", "holds"),
    [
        (
            ["de-vlier"],
            "de-vlier version 1  Afspraken de-vlier",
            "in force, from Sun 01 Nov 2026 00:00 CET until Tue 01 Dec 2026 00:00 CET, when version 3 begins",
        ),
        (
            ["de-vlier", "--at", "2026-11-30T23:59"],
            "de-vlier version 1  Afspraken de-vlier",
            "in force, from Sun 01 Nov 2026 00:00 CET until Tue 01 Dec 2026 00:00 CET, when version 3 begins",
        ),
        (
            ["de-vlier", "--at", "2026-12-01T00:01"],
            "de-vlier version 3  Nieuwe afspraken de-vlier",
            "in force, from Tue 01 Dec 2026 00:00 CET until a next version begins",
        ),
        (
            ["de-vlier", "--at", "2026-11-30T23:00:00Z"],
            "de-vlier version 3  Nieuwe afspraken de-vlier",
            "in force, from Tue 01 Dec 2026 00:00 CET until a next version begins",
        ),
        (
            ["de-vlier", "--version", "2"],
            "de-vlier version 2  Afspraken de-vlier",
            "never: it would begin Fri 01 Jan 2027 00:00 CET, but version 3 holds from Tue 01 Dec 2026 00:00 CET",
        ),
        (
            ["de-kolk", "--version", "1"],
            "de-kolk version 1  Afspraken de-kolk",
            "coming, from Tue 01 Dec 2026 00:00 CET until a next version begins",
        ),
    ],
)
def test_show_tells_what_holds_and_until_when(say: Say, asked: list[str], heading: str, holds: str) -> None:
    code, out, err = say("show", *asked)
    assert (code, err, out.splitlines()[0]) == (0, "", heading)
    assert f" holds {holds} area " in " ".join(out.split())


def test_show_without_a_name_shows_every_partnership(say: Say) -> None:
    code, out, _ = say("show", "--format", "json")
    shown = [(one["partnership"], one["version"], one["state"]) for one in json.loads(out)]
    assert (code, shown) == (0, [("de-kolk", 1, "coming"), ("de-vlier", 1, "in_force")])


def test_show_gives_the_signed_text_byte_for_byte(say: Say) -> None:
    code, out, _ = say("show", "de-vlier", "--format", "yaml")
    assert (code, out.encode()) == (0, SIGNED.encode())
    (told,) = json.loads(say("show", "de-vlier", "--format", "json")[1])
    assert told["sha256"] == hashlib.sha256(out.encode()).hexdigest()


@pytest.mark.parametrize(
    ("asked", "code", "complaint"),
    [
        (["de-dam"], 1, "nothing of 'de-dam' is published (2 records cannot be used"),
        (["de-kolk"], 1, "version 1 begins Tue 01 Dec 2026 00:00 CET: --version 1 shows it"),
        (["de-vlier", "--version", "7"], 1, "there is no version 7 of de-vlier; published are 1, 2, 3"),
        (
            ["de-vlier", "--version", "9"],
            1,
            "version 9 of de-vlier cannot be used; `seinhuis agreements history",
        ),
        (["de-vlier", "--format", "yaml", "--template"], 1, "fills in no template"),
        (["--format", "yaml"], 2, "--format yaml writes one agreement; name one of de-kolk, de-vlier"),
        (
            ["de-vlier", "--at", "tomorrow"],
            2,
            "`tomorrow` is no moment; write year, month, day and time as 2026-11-23 09:00",
        ),
        (["de-vlier", "--at", "9999-12-31"], 2, "is too far off; write a year from 2000 to 2199"),
        (
            ["de-vlier", "--at", "2026-10-25T02:30"],
            2,
            "comes twice, for the clock goes back; write 2026-10-25",
        ),
        (["de-vlier", "--at", "2026-12-01", "--version", "2"], 2, "stands without --at"),
        (["--version", "2"], 2, "--version is a version of one PARTNERSHIP"),
        (["de-vlier", "--template"], 2, "--template goes with --format yaml"),
    ],
)
def test_show_says_what_to_do_when_there_is_nothing_to_show(
    say: Say, asked: list[str], code: int, complaint: str
) -> None:
    got, out, err = say("show", *asked)
    assert (got, out) == (code, "")
    assert err.startswith("seinhuis: ") and complaint in err and err.count("\n") == 1


# -- history -----------------------------------------------------------------------------------------


def test_history_lists_every_version_and_names_what_is_kept_out(say: Say) -> None:
    code, out, err = say("history")
    kolk, vlier, kept_out = out.split("\n\n")
    assert (code, err) == (0, "")
    assert kolk.splitlines()[0] == "de-kolk  Afspraken de-kolk"
    rows = [line.split() for line in vlier.splitlines()]
    assert rows[0] == ["de-vlier", "Nieuwe", "afspraken", "de-vlier"]
    assert [(row[0], row[1]) for row in rows[2:]] == [
        ("1", "2026-11-01"),
        ("2", "2027-01-01"),
        ("3", "2026-12-01"),
    ]
    assert ["in force" in line for line in vlier.splitlines()[2:]] == [True, False, False]
    assert rows[3][3] == "replaced" and rows[4][3] == "coming"
    assert "de-vlier/9  unknown_key at line " in kept_out
    assert "-  not_an_agreement  (agreements.events.v1 partition " in kept_out


def test_history_tells_nothing_of_what_is_kept_out_but_its_place(say: Say) -> None:
    for output in ("text", "json"):
        _, out, err = say("history", "--format", output)
        assert not any(word in out + err for word in ("Jan", "Dorpsstraat", "scrawl", "speeches"))


def test_history_for_programs_names_place_and_reason(say: Say) -> None:
    code, out, _ = say("history", "de-vlier", "--format", "json")
    told = json.loads(out)
    states = [(one["version"], one["state"], one["findings"].get("error")) for one in told["versions"]]
    assert (code, states) == (0, [(1, "in_force", None), (2, "replaced", None), (3, "coming", None)])
    (kept_out,) = told["kept_out"]
    assert (kept_out["key"], kept_out["reason"]) == ("de-vlier/9", "unknown_key")
    assert kept_out["line"] > 1 and kept_out["topic"] == AGREEMENTS_EVENTS.name


@pytest.mark.parametrize("command", ["show", "history"])
def test_where_nothing_is_published_the_way_out_is_told(say: Say, tmp_path: Path, command: str) -> None:
    with Embedded(log=tmp_path / "broker.log") as broker:
        code, _, err = say(command, "--kafka", broker.bootstrap)
        assert (code, "run `seinhuis topics create`" in err) == (1, True)
        asyncio.run(make(broker.bootstrap, CATALOGUE))
        code, _, err = say(command, "--kafka", broker.bootstrap)
        assert (code, "publish one with `seinhuis agreements publish FILE`" in err) == (1, True)


@pytest.mark.parametrize("command", ["show", "history"])
def test_where_no_broker_answers_the_exit_code_says_so(say: Say, command: str) -> None:
    assert say(command, "--kafka", f"127.0.0.1:{free_port()}")[0] == 3
