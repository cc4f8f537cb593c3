"""The files of an agreement: its template found beside it, its directory, and files nobody should have to read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from services.agreements.book import usable
from services.agreements.template import Difference
from services.agreements.written import MAX_CHARS
from services.cli.agreements.differences import told
from services.cli.agreements.reading import directory_of, read
from services.cli.errors import UsedWrongly
from services.cli.main import main

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SMALL = EXAMPLES / "waterkant-small.yaml"
VLIER, REGION = EXAMPLES / "waterkant" / "de-vlier.yaml", EXAMPLES / "waterkant" / "region-waterkant.yaml"


def test_the_template_beside_an_agreement_is_found_by_its_name() -> None:
    found = read(VLIER)
    assert found.draft.agreement is not None
    assert found.template_text == REGION.read_text(encoding="utf-8")
    assert read(SMALL).template_text is None


def test_a_template_may_stand_anywhere_when_it_is_named(tmp_path: Path) -> None:
    alone, elsewhere = tmp_path / "a.yaml", tmp_path / "b" / "any.yaml"
    elsewhere.parent.mkdir()
    shutil.copy(VLIER, alone)
    shutil.copy(REGION, elsewhere)
    assert [one.code for one in read(alone).draft.findings] == ["inherits_missing"]
    assert read(alone, elsewhere).draft.agreement is not None


@pytest.mark.parametrize(
    "name", ["../region-waterkant", "/etc/region-waterkant", "b/region-waterkant", "..", "x\\0y"]
)
def test_a_name_leads_to_no_other_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "a"
    (folder / "b").mkdir(parents=True)
    for place in (tmp_path, folder / "b"):
        shutil.copy(REGION, place / REGION.name)
    text = VLIER.read_text(encoding="utf-8").replace("template: region-waterkant", f'template: "{name}"')
    (folder / "wijk.yaml").write_text(text, encoding="utf-8")
    found = read(folder / "wijk.yaml")
    assert found.template_text is None and found.draft.agreement is None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a: 1\n" * 2_000_000, "longer than an agreement can be"),
        (b"a: \xff", "it is no UTF-8"),
        ("meta: x".encode("utf-16"), "it is no UTF-8"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    file = tmp_path / "a.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsedWrongly, match=why):
        read(file)


def test_an_endless_file_is_not_read_to_its_end() -> None:
    with pytest.raises(UsedWrongly, match=str(MAX_CHARS)):
        read(Path("/dev/zero"))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsedWrongly, match="directory"):
        read(tmp_path)


def test_every_fault_of_a_directory_is_told_before_it_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = usable(SMALL.read_text(encoding="utf-8"))
    file = tmp_path / "d.yaml"
    file.write_text("absences:\n  - {contact: a, from: 2026-12-24}\n  - {contact: b, from: 2026-12-24}\n")
    with pytest.raises(UsedWrongly, match="correct what is listed"):
        directory_of(file, known)
    told = capsys.readouterr().err.splitlines()
    assert [line.split("  ")[:2] for line in told] == [
        [f"{file}:2:15", "unknown_contact"],
        [f"{file}:3:15", "unknown_contact"],
    ]
    assert directory_of(None, known).absences == {}


def test_differences_tell_what_a_wijk_agreed_otherwise_than_its_region(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wijk = tmp_path / "wijk.yaml"
    text = VLIER.read_text(encoding="utf-8")
    part = next(name for name in ("aftercare", "mdo", "monitoring") if f"\n{name}:" not in text)
    own = f"{text}\n{part}: {{not_applicable: nobody asks for it}}\n"
    wijk.write_text(own, encoding="utf-8")
    line = len(own.splitlines())
    assert main(["agreements", "differences", str(wijk), "--template", str(REGION)]) == 0
    told = capsys.readouterr().out
    assert "otherwise than region-waterkant version 1: " in told
    assert f"{wijk}:{line}  {part}\n" in told and "nobody asks for it" in told
    assert "  parties.linde\n" in told
    assert main(["agreements", "differences", str(wijk), "--template", str(REGION), "--format", "json"]) == 0
    (changed,) = [one for one in json.loads(capsys.readouterr().out) if one["name"] == part]
    assert (
        changed["kind"] == "changes"
        and changed["own"] == {"not_applicable": "nobody asks for it"}
        and changed["line"] == line
    )


@pytest.mark.parametrize(("file", "why"), [(SMALL, "fills in no template"), (REGION, "a_template")])
def test_differences_of_what_fills_in_no_template_are_refused(
    file: Path, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["agreements", "differences", str(file)]) == 1
    assert why in capsys.readouterr().err


def test_differences_show_a_long_list_where_it_begins_to_differ() -> None:
    same = ["a value that both have"] * 10
    difference = Difference("changes", ("area", "postcodes"), [*same, "8"], [*same, "6"], 3)
    _, _, there, here, *_ = told([difference], "f:", "region version 1")
    assert '"6"' in there and '"8"' in here
    assert max(len(there), len(here)) < 120
