"""Judges a recording of the counting job by computing it again from the input, with code of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from tests.chaos.recording import Recording, Seen, Verdict, judge_ids


@dataclass
class _Asked:
    """A question and all its answers, as the input topics have them."""

    key: str
    due_ms: int
    answers: list[Seen] = field(default_factory=list)

    def in_time(self) -> list[Seen]:
        return [answer for answer in self.answers if _stamp(answer) < self.due_ms]


@dataclass
class _Key:
    """What the row of one key must hold after the facts seen so far; `past` holds every row it had before."""

    n: int = 0
    digest: str = ""
    last: dict[str, int] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)
    ahead: dict[str, int] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    past: dict[str, tuple[int, dict[str, Any], int | None]] = field(default_factory=dict)

    def link(self, *links: str) -> None:
        text = "\n".join([self.digest, *links])
        self.digest = blake2b(text.encode(), digest_size=12).hexdigest()

    def keep(self) -> None:
        row = {
            "n": self.n,
            "digest": self.digest,
            "last": dict(self.last),
            "open": dict(self.open),
            "ahead": dict(self.ahead),
            "told": dict(self.told),
        }
        self.past[self.digest] = len(self.past), row, min(self.open.values(), default=None)

    @property
    def newest(self) -> tuple[int, dict[str, Any], int | None]:
        return self.past[self.digest]


def verify(recording: Recording, process: str, first_sequence: dict[int, int]) -> Verdict:
    """The verdict on one block: facts walked in the order of their lanes, then deadlines, then rows."""
    verdict = Verdict()
    judge_ids(recording.facts, process, first_sequence, verdict)
    keys = _walk(recording, verdict)
    _judge_deadlines(recording, verdict)
    _judge_rows(recording, keys, verdict)
    for letter in recording.dead:
        verdict.find("dead_letters", letter.where, (letter.value or b"").decode(errors="replace"))
    verdict.counts.update(input=len(recording.inputs), facts=len(recording.facts), keys=len(keys))
    return verdict


def _walk(recording: Recording, verdict: Verdict) -> dict[str, _Key]:
    """Follows each key's facts in log order: the interleaving of the two inputs is the lane's to choose, once."""
    inputs = {(seen.topic, seen.offset, seen.partition): seen for seen in recording.inputs}
    keys: dict[str, _Key] = {}
    taken: set[tuple[str, int, int]] = set()
    now_ms: dict[int, int] = {}
    for fact in recording.facts:
        said = json.loads(fact.value or b"{}")
        key = keys.setdefault(fact.key.decode(), _Key())
        if said["now_ms"] < now_ms.get(fact.partition, 0) or said["now_ms"] > fact.at_ms:
            verdict.find("wrong", fact.where, "its now fell within the lane or lies after its own append")
        now_ms[fact.partition] = max(said["now_ms"], now_ms.get(fact.partition, 0))
        if said["kind"] == "took":
            place = (said["topic"], said["offset"], fact.partition)
            source = inputs.get(place)
            if place in taken or source is None:
                verdict.find(
                    "applied_twice", fact.where, f"input {place} was told before or is not of this block"
                )
                continue
            taken.add(place)
            if source.offset <= key.last.get(source.topic, -1):
                verdict.find(
                    "out_of_order", fact.where, f"{source.where} after offset {key.last[source.topic]}"
                )
            expected = _took(key, source)
        elif said["kind"] == "breach":
            expected = _breached(key, said)
        else:
            expected = {"kind": "took or breach"}
        key.keep()
        expected |= {"id": fact.header("ce_id"), "n": key.n, "digest": key.digest, "key": fact.key.decode()}
        found = {name: value for name, value in said.items() if name != "now_ms"}
        if found != expected:
            verdict.find("wrong", fact.where, f"expected {expected}, found {found}")
    for place, source in inputs.items():
        if place not in taken:
            verdict.find("lost", source.where, f"no fact tells of it; key {source.key.decode()}")
    return keys


def _took(key: _Key, source: Seen) -> dict[str, Any]:
    """What the fact of this input must say; moves the key on."""
    said = json.loads(source.value or b"{}")
    at_ms = _stamp(source)
    key.n += 1
    key.last[source.topic] = source.offset
    key.link(f"{source.topic} {source.offset}", (source.value or b"").decode())
    expected: dict[str, Any] = {"kind": "took", "topic": source.topic, "offset": source.offset}
    if "within_ms" in said:
        due_ms = at_ms + said["within_ms"]
        if key.ahead.pop(said["id"], due_ms) < due_ms:
            return expected | {"discharged": said["id"]}
        key.open[said["id"]] = due_ms
    if "answers" in said:
        asked = said["answers"]
        if asked not in key.open and asked not in key.told:
            key.ahead[asked] = at_ms
        elif at_ms < key.open.get(asked, -1):
            del key.open[asked]
            return expected | {"discharged": asked}
        elif at_ms < key.told.get(asked, -1):
            del key.told[asked]
            return expected | {"withdrew": asked}
    return expected


def _breached(key: _Key, said: dict[str, Any]) -> dict[str, Any]:
    """What the fact of this breach must say; moves the key on."""
    asked = said["asked"]
    due_ms = key.open.pop(asked, None)
    if due_ms is None:
        return {"kind": "nothing: this question is not open"}
    key.told[asked] = due_ms
    key.link("breach", asked)
    return {"kind": "breach", "asked": asked, "due_ms": due_ms}


def _judge_deadlines(recording: Recording, verdict: Verdict) -> None:
    """What must have been told of every question, from the inputs alone."""
    asked = _questions(recording)
    breaches: dict[str, list[Seen]] = {}
    withdrawn: set[str] = set()
    for fact in recording.facts:
        said = json.loads(fact.value or b"{}")
        if said["kind"] == "breach":
            breaches.setdefault(said["asked"], []).append(fact)
            if said["now_ms"] < said["due_ms"] or fact.at_ms < said["due_ms"]:
                verdict.find(
                    "early", fact.where, f"due {said['due_ms']}, told {said['now_ms']} at {fact.at_ms}"
                )
            verdict.late_ms.append(fact.at_ms - said["due_ms"])
        elif "withdrew" in said:
            withdrawn.add(said["withdrew"])
    for question, one in asked.items():
        told = breaches.get(question, [])
        in_time = one.in_time()
        if len(told) > 1:
            verdict.find("applied_twice", told[1].where, f"breach of {question} was told before")
        if told and in_time and question not in withdrawn:
            verdict.find("false_breach", told[0].where, f"{question} was answered in time, and it stands")
        elif told and min((answer.at_ms for answer in in_time), default=one.due_ms) < one.due_ms:
            verdict.find(
                "false_breach", told[0].where, f"the answer to {question} was in the log when it was due"
            )
        elif not told and not in_time:
            verdict.find("missed", one.key, f"{question} was due at {one.due_ms}")
    verdict.counts.update(asked=len(asked), breaches=len(breaches), withdrawn=len(withdrawn))


def _questions(recording: Recording) -> dict[str, _Asked]:
    found: dict[str, _Asked] = {}
    answers: list[tuple[str, Seen]] = []
    for seen in recording.inputs:
        said = json.loads(seen.value or b"{}")
        if "within_ms" in said:
            found[said["id"]] = _Asked(seen.key.decode(), _stamp(seen) + said["within_ms"])
        if "answers" in said:
            answers.append((said["answers"], seen))
    for question, answer in answers:
        if question in found:
            found[question].answers.append(answer)
    return found


def _judge_rows(recording: Recording, keys: dict[str, _Key], verdict: Verdict) -> None:
    """Every row in the changelog is one its key had, in order, and the last is the last."""
    newest: dict[str, int] = {}
    for row in recording.rows:
        if row.key[:1] == b"\x00":
            continue
        name = row.key.decode()
        key = keys.get(name)
        head, _, body = (row.value or b"- -\n{}").partition(b"\n")
        found = json.loads(body)
        if key is None or found.get("digest") not in key.past:
            verdict.find("rows_wrong", row.where, f"{name} never had this row: {found}")
            continue
        order, expected, wake_ms = key.past[found["digest"]]
        if found != expected or head.split()[0].decode() != str(wake_ms or "-"):
            verdict.find("rows_wrong", row.where, f"expected {wake_ms} {expected}, found {head!r} {found}")
        if order <= newest.get(name, -1):
            verdict.find("rows_wrong", row.where, f"{name} went back from row {newest[name]} to {order}")
        newest[name] = order
    for name, key in keys.items():
        if key.past and newest.get(name) != key.newest[0]:
            verdict.find("rows_wrong", name, f"last row is number {newest.get(name)} of {key.newest[0]}")


def _stamp(seen: Seen) -> int:
    return int(seen.header("stamp"))
