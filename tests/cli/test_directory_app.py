"""`seinhuis directory` as a desk meets it: what it prints, what it refuses, and that twice is once."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.agreements.directory_book import DirectoryBook
from services.cli.agreements.publishing import publish_agreement
from services.cli.broker import Embedded
from services.cli.directory.describing import Broker, read_directory_book
from services.cli.main import main
from services.runtime.admin import make
from tests.casework.small import KOLK, VLIER, a_small
from tests.casework.world import ms
from topics.catalogue import CATALOGUE

pytestmark = pytest.mark.broker

NOW = "2026-11-23T09:00"
TEAM = "care/de-vlier-team"

#: Runs a command of `seinhuis directory`: its exit code, what it printed, what it complained of.
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker with two partnerships, De Kolk's from December on."""
    place = tmp_path_factory.mktemp("directory")
    with Embedded(log=place / "broker.log") as broker:
        asyncio.run(make(broker.bootstrap, CATALOGUE))
        for name, text in (("vlier", a_small(VLIER)), ("kolk", a_small(KOLK, 1, "2026-12-01"))):
            file = place / f"{name}.yaml"
            file.write_text(text, encoding="utf-8")
            work = publish_agreement(broker.bootstrap, file, now_ms=ms(NOW), is_transactional=False)
            asyncio.run(work)
        yield broker.bootstrap


@pytest.fixture
def say(furnished: str, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Say:
    """Commands by a clock that stands still."""
    monkeypatch.setenv("SEINHUIS_KAFKA", furnished)
    monkeypatch.setenv("SEINHUIS_TRANSACTIONS", "off")
    monkeypatch.setenv("SEINHUIS_CLOCK", f"{NOW}+01:00@{int(time.time())}x0.000001")

    def said(*arguments: str) -> tuple[int, str, str]:
        capfdbinary.readouterr()
        code = main(["directory", *arguments])
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return said


def heard(bootstrap: str) -> DirectoryBook:
    """What a worker would know."""
    return asyncio.run(read_directory_book(Broker(bootstrap, is_transactional=False)))


def test_an_absence_is_told_kept_shown_and_ended(furnished: str, say: Say) -> None:
    told = ("absent", TEAM, "--from", "2026-12-24", "--until", "2027-01-02", "--reason", "leave")
    away = "  away from Thu 24 Dec 2026 00:00 CET until Sun 03 Jan 2027 00:00 CET (leave)\n"
    assert say(*told) == (0, f"told {TEAM}\n{away}", "")
    assert say(*told) == (0, f"kept {TEAM}\n{away}", "")
    directory = heard(furnished).directory
    assert directory.is_absent(TEAM, ms("2027-01-02T23:59"))
    assert not directory.is_absent(TEAM, ms("2027-01-03T00:00"))
    code, out, _ = say("show", "--at", "2026-12-26 12:00", "--partnership", "de-vlier")
    assert code == 0
    assert out.splitlines() == [
        "de-vlier at Sat 26 Dec 2026 12:00 CET",
        "  care/de-vlier-night      there, by phone",
        "  care/de-vlier-team       away until Sun 03 Jan 2027 00:00 CET (leave)",
        "  next-door/de-kolk-entry  there, by phone",
        "  point/de-vlier-point     there, by phone",
    ]
    assert say("absent", "de-vlier-team", "--back", "--from", "2026-12-28 08:00")[:2] == (
        0,
        f"told {TEAM}\n  away from Thu 24 Dec 2026 00:00 CET until Mon 28 Dec 2026 08:00 CET (leave)\n",
    )
    assert not heard(furnished).directory.is_absent(TEAM, ms("2026-12-28T08:00"))


def test_a_rota_is_told_by_windows_or_by_a_file_and_taken_back(
    furnished: str, say: Say, tmp_path: Path
) -> None:
    night = "care/de-vlier-night"
    assert say("rota", night, "--window", "2026-11-23 17:00/2026-11-24 08:30")[0] == 0
    assert "nobody on duty" in say("show", night)[1]
    assert "there, by phone" in say("show", night, "--at", "2026-11-23T18:00+01:00")[1]
    file = tmp_path / "rota.yaml"
    file.write_text(f"rotas: [{{contact: {night}, from: 2026-11-23, until: 2026-11-23}}]", encoding="utf-8")
    code, out, _ = say("rota", night, str(file), "--format", "json")
    said = json.loads(out)
    assert (code, said["did"], said["revision"], said["because"]) == (0, "told", 2, "rota")
    assert said["announced_to"] == [], "who is on duty is no news"
    assert said["rota"] == [{"from_at": "2026-11-22T23:00:00Z", "until_at": "2026-11-23T23:00:00Z"}]
    assert say("rota", "point/de-vlier-point", str(file))[0] == 1, "the file has no rota of it"
    assert say("rota", night, "--window", "2026-11-24 17:00/2026-11-25 08:30", "--party", "care")[1] == (
        f"told {night}\n  on duty by care from Tue 24 Nov 2026 17:00 CET until Wed 25 Nov 2026 08:30 CET\n"
    )
    assert say("rota", night, "--none")[1] == f"told {night}\n  as signed\n"
    assert heard(furnished).directory.is_staffed(night, ms("2026-12-01"))


def test_reach_is_told_for_a_while_and_is_as_signed_again(furnished: str, say: Say) -> None:
    point = "point/de-vlier-point"
    told = ("reach", point, "--unreachable", "--until", "2026-11-23 10:00")
    line = "  not to be reached from Mon 23 Nov 2026 09:00 CET until Mon 23 Nov 2026 10:00 CET\n"
    assert say(*told)[1] == f"told {point}\n{line}  announced to 2 partners\n"
    assert say(*told)[1] == f"kept {point}\n{line}"
    assert "point/de-vlier-point  not to be reached" in say("show", point)[1]
    assert say("reach", point, "--channels", "phone", "--address-ref", "address:abcd")[0] == 0
    confirmed = json.loads(say("confirm", point, "--format", "json")[1])
    assert confirmed["announced_to"] == ["care/de-vlier-team", "next-door/de-kolk-entry"]
    (by_phone,) = confirmed["reach"]
    assert (by_phone["channels"], by_phone["address_ref"]) == (["phone"], "address:abcd")
    assert say("reach", point, "--as-signed")[0] == 0
    described = heard(furnished).described(point)
    assert described is not None and described.reach == () and described.confirmed_at is not None


def test_a_function_that_ends_means_its_successor_and_no_circle(furnished: str, say: Say) -> None:
    entry, point = "next-door/de-vlier-entry", "point/de-kolk-point"
    assert say("succeed", entry, "--by", point, "--from", "2026-12-15")[:2] == (
        0,
        f"told {entry}\n  succeeded by {point} from Tue 15 Dec 2026 00:00 CET\n  announced to 2 partners\n",
    )
    assert f"succeeded by {point}" in say("show", entry, "--at", "2026-12-16")[1]
    assert "there, by phone" in say("show", entry, "--at", "2026-12-14")[1]
    code, _, err = say("succeed", point, "--by", entry)
    assert (code, "in a circle" in err) == (1, True)
    assert say("succeed", entry, "--none")[0] == 0
    assert heard(furnished).directory.meant(entry, ms("2026-12-16")) == entry


def test_a_file_is_imported_whole_and_twice_is_once(say: Say, tmp_path: Path) -> None:
    file = tmp_path / "directory.yaml"
    file.write_text(
        """
absences: [{contact: de-kolk-team, from: 2026-12-24, until: 2026-12-31, reason: holiday}]
rotas: [{contact: de-kolk-night, from: "2026-12-24T17:00+01:00", until: "2026-12-25T08:30+01:00"}]
""",
        encoding="utf-8",
    )
    ask = ("import", str(file), "--format", "json")
    assert say(*ask)[0] == 2, "whose file it is must be said"
    for did in ("told", "kept"):
        code, out, _ = say(*ask, "--partnership", "de-kolk")
        said = {one["contact"]: one["did"] for one in json.loads(out)}
        assert (code, said) == (0, {"care/de-kolk-team": did, "care/de-kolk-night": did})
    file.write_text("absences: [{contact: de-kolk-teem, from: 2026-12-24}]", encoding="utf-8")
    code, _, err = say(*ask, "--partnership", "de-kolk")
    assert (code, f"{file}:1:22  unknown_contact" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("absent", "de-vlier-tem"), 1, "did you mean de-vlier-team"),
        (("absent", "huisarts/de-vlier-team"), 1, "has a contact 'huisarts/de-vlier-team'"),
        (("absent", TEAM, "--partnership", "de-kolk"), 1, "did you mean"),
        (("absent", TEAM, "--from", "2026-11-01", "--until", "2026-11-22"), 1, "that is over already"),
        (("absent", TEAM, "--from", "2026-12-02", "--until", "2026-12-01"), 1, "it ends before it begins"),
        (("absent", TEAM, "--from", "24-12"), 2, "`24-12` is no moment"),
        (("absent", TEAM, "--until", "2027-03-28 02:30"), 2, "does not exist, for the clock goes forward"),
        (("absent", TEAM, "--reason", "Jan is ziek"), 2, "a reason is a code"),
        (("absent", TEAM, "--back", "--reason", "leave"), 2, "--back takes no"),
        (("rota", TEAM), 2, "in one way"),
        (("rota", TEAM, "--window", "2026-12-24"), 2, "no FROM/UNTIL"),
        (("rota", TEAM, "--none", "--party", "care"), 2, "--party goes with --window"),
        (
            ("rota", TEAM, "--window", "2026-12-24/2026-12-25", "--party", "point"),
            1,
            f"point does not staff {TEAM}; who do: care",
        ),
        (
            ("rota", TEAM, "--window", "2026-12-24/2026-12-25", "--party", "care"),
            1,
            f"{TEAM} is no shared number",
        ),
        (("reach", TEAM, "--channels", "fax"), 1, "no channel 'fax'; there is phone"),
        (("reach", TEAM), 2, "in one way"),
        (("reach", TEAM, "--unreachable", "--address-ref", "Dorpsstraat 12"), 2, "told by reference"),
        (("succeed", TEAM), 2, "--by"),
        (("succeed", TEAM, "--by", TEAM), 1, "in a circle"),
        (("show", "de-vlier-tem"), 1, "did you mean de-vlier-team"),
        (("show", "--partnership", "de-plas"), 1, "there is de-kolk, de-vlier"),
        (("import", "/nonexistent/a.yaml", "--partnership", "de-vlier"), 2, "cannot be read"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_told_is_refused_in_one_sentence(
    say: Say, arguments: tuple[str, ...], code: int, words: str
) -> None:
    found, out, err = say(*arguments)
    assert (found, out) == (code, "")
    assert err.startswith("seinhuis: ") and words in err and err.count("\n") == 1


def test_a_silence_is_told_kept_and_ended(furnished: str, say: Say) -> None:
    told = ("silence", TEAM, "--until", "2026-11-24 06:00", "--reason", "maintenance")
    code, out, err = say(*told)
    assert (code, err) == (0, "")
    line = "  nothing but what is acute is delivered (maintenance) from Mon 23 Nov 2026 09:00 CET until"
    assert line in out
    silence = heard(furnished).directory.silence(TEAM, ms("2026-11-23T12:00"))
    assert silence is not None and silence.reason == "maintenance"
    assert heard(furnished).directory.silence(TEAM, ms("2026-11-24T06:00")) is None
    code, out, _ = say("silence", TEAM, "--over")
    assert code == 0 and "maintenance" not in out
    assert heard(furnished).directory.silence(TEAM, ms("2026-11-23T12:00")) is None
    assert say("silence", TEAM, "--over", "--until", "2026-11-24")[0] == 2
