"""Judges a recording of the core: every command one answer, every obligation told as the agreement has it, once.

Each case's facts are walked in the order of its lane. What follows from a fact at once (who is asked, what is owed,
what is discharged) must follow at once; what time brings (warnings, breaches, rungs) must come at its moment or later.
"""

from __future__ import annotations

from typing import Any

from services.runtime.clock import Clock
from tests.chaos.casework_case import TAKEN, Case, Signal, judge_rows
from tests.chaos.casework_model import Model, Owed
from tests.chaos.casework_said import CAUSATION, Command, Fact, found_in, read_command, read_fact
from tests.chaos.recording import Kind, Recording, Verdict, judge_ids

REPEATED, NO_ANSWER, DECLINED = "repeated", "no_answer", "declined"
#: Moments are whole milliseconds on both clocks.
SLACK_MS = 1.0


class Judge:
    """The walk over one block."""

    def __init__(
        self, model: Model, clock: Clock, recording: Recording, first_sequence: dict[int, int]
    ) -> None:
        self.verdict = Verdict()
        self._model = model
        self._clock = clock
        self._recording = recording
        self._cases: dict[str, Case] = {}
        judge_ids(recording.facts, "casework", first_sequence, self.verdict)

    def judged(self) -> Verdict:
        for command in map(read_command, self._recording.inputs):
            # A repeat has the id of a command before it and changes nothing.
            self._cases.setdefault(command.seen.key.decode(), Case()).commands.setdefault(command.id, command)
        facts = [read_fact(seen) for seen in self._recording.facts]
        now_ms: dict[int, int] = {}
        for fact in sorted(facts, key=lambda fact: (fact.seen.partition, int(fact.id.rpartition("-")[2]))):
            lane = fact.seen.partition
            told_ms = self._at_clock_ms(fact.seen.at_ms)
            if fact.now_ms < now_ms.get(lane, 0) or fact.now_ms > told_ms + SLACK_MS * self._clock.speed:
                self.verdict.find(
                    "wrong", fact.seen.where, "its now fell within the lane or lies after its append"
                )
            now_ms[lane] = fact.now_ms
            self._hear(fact, self._cases.setdefault(fact.seen.key.decode(), Case()))
        for name, case in self._cases.items():
            self._close(name, case)
        judge_rows(self._recording, self._cases, self.verdict)
        for letter in self._recording.dead:
            self.verdict.find("dead_letters", letter.where, (letter.value or b"").decode(errors="replace"))
        commands = sum(len(case.commands) for case in self._cases.values())
        self.verdict.counts.update(
            input=len(self._recording.inputs),
            repeated=len(self._recording.inputs) - commands,
            facts=len(self._recording.facts),
            cases=len(self._cases),
            signals=sum(len(case.signals) for case in self._cases.values()),
        )
        return self.verdict

    def _at_clock_ms(self, wall_ms: int) -> float:
        return self._clock.start_ms + (wall_ms - self._clock.anchor_s * 1000) * self._clock.speed

    # -- facts ---------------------------------------------------------------------------------------

    def _hear(self, fact: Fact, case: Case) -> None:
        self.verdict.counts[fact.name] += 1
        while case.expected and case.expected[0][0] != fact.name:
            name, wanted = case.expected.popleft()
            self.verdict.find("lost", fact.seen.where, f"{name} {wanted} had to come before {fact.name}")
        if case.expected:
            self._hear_expected(fact, case)
        elif fact.cause in case.commands:
            self._hear_answer(fact, case, case.commands[fact.cause])
        else:
            self._hear_timer(fact, case)

    def _hear_expected(self, fact: Fact, case: Case) -> None:
        """What had to follow at once."""
        name, wanted = case.expected.popleft()
        found = found_in(fact, wanted)
        if found != wanted:
            stands = wanted.get("withdraws_breach") and not found["withdraws_breach"]
            kind: Kind = "false_breach" if stands else "wrong"
            self.verdict.find(kind, fact.seen.where, f"expected {name} {wanted}, found {fact.name} {found}")
        if fact.name == "ObligationOpened":
            self._open(fact, case)
        elif fact.name == "SignalRouted":
            signal = case.signals[fact.signal]
            signal.asked.append(fact.data["contact"])
            self._expect_opened("acknowledge_signal", fact, case)
        elif fact.name == "ObligationEscalated":
            _add(case.signals[fact.signal].asked, fact.data["to"])

    def _hear_answer(self, fact: Fact, case: Case, command: Command) -> None:
        """The one fact that answers a command, as the case stands now."""
        if command.id in case.answered:
            self.verdict.find("applied_twice", fact.seen.where, f"{command.id} was answered before")
            return
        if command.seen.offset < case.last_offset:
            self.verdict.find(
                "out_of_order", fact.seen.where, f"{command.seen.where} after {case.last_offset}"
            )
        case.answered[command.id] = fact.name
        case.last_offset = command.seen.offset
        name, wanted = self._answer_to(command, case)
        found = {field: fact.data.get(field) for field in wanted}
        if fact.name != name or found != wanted:
            self.verdict.find(
                "wrong", fact.seen.where, f"expected {name} {wanted}, found {fact.name} {found}"
            )
            return
        signal = case.signals.get(command.signal)
        if name == "SignalReported":
            case.signals[command.signal] = Signal(command.data["urgency"])
            contact, rule = self._model.route(command.data["types"])
            reason = "no_rule_matched" if rule == "root" else "rule_matched"
            case.expected.append(
                ("SignalRouted", {"contact": contact, "rule": rule, "reason": reason, "ladder": "standard",
                                  "urgency": command.data["urgency"], "agreement_version": 1, CAUSATION: fact.id})
            )  # fmt: skip
        elif name == "SignalAcknowledged" and signal is not None:
            signal.state, signal.taken_by = TAKEN, command.data["by"]["contact"]
            self._answer_for(fact, case, command)
            self._discharge(fact, case, command)
        elif name == "SignalDeclined":
            self._decline(fact, case, command)
        if case.signals:
            case.remembered.append(command.id)

    def _answer_to(  # noqa: PLR0911 - one line for each answer there is
        self, command: Command, case: Case
    ) -> tuple[str, dict[str, Any]]:
        """Which fact answers a command, and what it must say."""
        signal = case.signals.get(command.signal)
        if command.name == "ReportSignal":
            if command.partnership != self._model.partnership:
                return _refused(command, "unknown_partnership")
            fields = ("urgency", "types", "concern", "about", "postcode", "reporter", "expects_feedback")
            return "SignalReported", {field: command.data.get(field) for field in fields}
        by = command.data["by"]["contact"]
        if signal is None:
            known = command.partnership == self._model.partnership
            return _refused(command, "unknown_entity" if known else "unknown_partnership")
        if by not in signal.asked:
            return _refused(command, "never_asked")
        if signal.state == TAKEN:
            return _refused(command, "not_allowed_now" if signal.taken_by == by else "already_taken")
        if command.name == "AcknowledgeSignal":
            return "SignalAcknowledged", {"by": command.data["by"]}
        return "SignalDeclined", {"by": command.data["by"], "reason": command.data["reason"]}

    # -- what follows at once --------------------------------------------------------------------------

    def _expect_opened(self, name: str, fact: Fact, case: Case) -> None:
        signal, model = case.signals[fact.signal], self._model
        started_ms = self._recorded_ms(case)
        owed_by = model.owed_by(name, fact.data.get("contact", ""))
        wanted = {
            "name": name,
            "entity": fact.signal,
            "owed_by": owed_by,
            "urgency": signal.urgency,
            "due_at": started_ms + model.within_ms(name, signal.urgency),
            "ladder": model.ladder(name),
            "agreement_version": 1,
            CAUSATION: fact.id,
        }
        case.expected.append(("ObligationOpened", wanted))

    def _recorded_ms(self, case: Case) -> int:
        """When the command behind a fact was recorded: the last one answered."""
        return case.commands[next(reversed(case.answered))].recorded_ms

    def _open(self, fact: Fact, case: Case) -> None:
        name, urgency, model = fact.data["name"], fact.data["urgency"], self._model
        ladder = model.ladder(name)
        started_ms, due_ms = self._recorded_ms(case), fact.data["due_at"]
        owed = Owed(
            id=fact.id,
            name=name,
            signal=fact.signal,
            urgency=urgency,
            owed_by=fact.data["owed_by"],
            started_ms=started_ms,
            due_ms=due_ms,
            rungs=model.rungs(ladder, urgency),
            repeat_ms=model.repeat_ms(ladder, urgency),
            next_ms=0,
            warnings=[
                (percent, started_ms + (due_ms - started_ms) * percent // 100)
                for percent in model.warn_at(name)
            ],
            asked=[fact.data["owed_by"]],
        )
        owed.next_ms = fact.now_ms + owed.wait_ms()
        case.owed.append(owed)

    def _answer_for(self, fact: Fact, case: Case, command: Command) -> None:
        """Whoever takes the first signal of a case answers for it, until then the coordination point. No signal of the
        proof ever ends, so that stays."""
        before, by = case.responsible or self._model.point, command.data["by"]["contact"]
        if case.lead:
            return
        case.lead, case.responsible = command.signal, by
        if by != before:
            wanted = {"by": command.data["by"], "before": before, CAUSATION: fact.id}
            case.expected.append(("ResponsibilityTaken", wanted))

    def _discharge(self, fact: Fact, case: Case, command: Command) -> None:
        for owed in [one for one in case.owed if one.signal == command.signal]:
            case.owed.remove(owed)
            on_time = command.recorded_ms < owed.due_ms
            if not on_time and not owed.breached:
                self.verdict.find(
                    "missed", fact.seen.where, f"{owed.id} was due before it was answered, not told"
                )
            if on_time and owed.breached:
                self.verdict.counts["withdrawn"] += 1
                if self._at_clock_ms(command.seen.at_ms) < owed.due_ms:
                    self.verdict.find(
                        "false_breach", fact.seen.where, f"{command.id} was in the log when {owed.id} was due"
                    )
            wanted = {
                "obligation_id": owed.id,
                "name": owed.name,
                "by": command.data["by"]["contact"],
                "on_time": on_time,
                "took_s": (command.recorded_ms - owed.started_ms) / 1000,
                "withdraws_breach": on_time and owed.breached,
                CAUSATION: fact.id,
            }
            case.expected.append(("ObligationDischarged", wanted))

    def _decline(self, fact: Fact, case: Case, command: Command) -> None:
        by = command.data["by"]["contact"]
        for owed in case.owed:
            is_theirs = owed.signal == command.signal and owed.name == "acknowledge_signal"
            if is_theirs and by == owed.asked[-1] and not owed.is_last:
                case.expected.append(
                    ("ObligationEscalated", self._escalated(owed, fact, fact.now_ms, DECLINED))
                )
        if command.data["reason"] == "no_capacity":
            self._expect_opened("settle_no_capacity", fact, case)

    def _escalated(self, owed: Owed, fact: Fact, due_ms: int, cause: str) -> dict[str, Any]:
        climbed = owed.climb(self._model, fact.now_ms, due_ms)
        return {
            "obligation_id": owed.id,
            "level": climbed.level,
            "to": climbed.to,
            "cause": cause,
            CAUSATION: fact.id if cause == DECLINED else owed.id,
            "skipped": [
                {"level": level, "to": to, "reason": reason} for level, to, reason in climbed.skipped
            ],
            "next_at": owed.next_ms,
            "late_by_s": climbed.late_ms / 1000,
        }

    # -- what time brings ------------------------------------------------------------------------------

    def _hear_timer(self, fact: Fact, case: Case) -> None:
        owed = next((one for one in case.owed if one.id == fact.data.get("obligation_id")), None)
        if owed is None:
            self.verdict.find(
                "applied_twice", fact.seen.where, f"{fact.name} of nothing that is owed: {fact.data}"
            )
            return
        match fact.name:
            case "ObligationWarned":
                self._hear_warned(fact, owed)
            case "ObligationBreached":
                self._hear_breached(fact, owed)
            case "ObligationEscalated":
                if fact.now_ms < owed.next_ms:
                    self.verdict.find(
                        "early", fact.seen.where, f"asked again {owed.next_ms - fact.now_ms} ms early"
                    )
                wanted = self._escalated(owed, fact, owed.next_ms, REPEATED if owed.is_last else NO_ANSWER)
                found = found_in(fact, wanted)
                if found != wanted:
                    self.verdict.find("wrong", fact.seen.where, f"expected {wanted}, found {found}")
                _add(case.signals[fact.signal].asked, fact.data["to"])
            case _:
                self.verdict.find("wrong", fact.seen.where, f"{fact.name} was not to be told now")

    def _hear_warned(self, fact: Fact, owed: Owed) -> None:
        percent = fact.data["percent"]
        moments = dict(owed.warnings)
        if percent not in moments or owed.breached:
            self.verdict.find(
                "applied_twice", fact.seen.where, f"{percent} % was told, passed over or breached before"
            )
            return
        if fact.now_ms < moments[percent]:
            self.verdict.find(
                "early", fact.seen.where, f"{percent} % is {moments[percent] - fact.now_ms} ms away"
            )
        passed = max(one for one, at_ms in owed.warnings if at_ms <= max(fact.now_ms, moments[percent]))
        if passed != percent or fact.now_ms >= owed.due_ms:
            self.verdict.find("wrong", fact.seen.where, f"{passed} % has passed, {percent} % is told")
        owed.warnings = [(one, at_ms) for one, at_ms in owed.warnings if one > percent]

    def _hear_breached(self, fact: Fact, owed: Owed) -> None:
        if owed.breached:
            self.verdict.find("applied_twice", fact.seen.where, f"the breach of {owed.id} was told before")
        told_ms = self._at_clock_ms(fact.seen.at_ms)
        if fact.now_ms < owed.due_ms or told_ms + SLACK_MS * self._clock.speed < owed.due_ms:
            self.verdict.find(
                "early", fact.seen.where, f"due {owed.due_ms}, told {fact.now_ms} at {told_ms:.0f}"
            )
        self.verdict.late_ms.append(round((told_ms - owed.due_ms) / self._clock.speed))
        owed.breached, owed.warnings = True, []

    # -- the end ---------------------------------------------------------------------------------------

    def _close(self, name: str, case: Case) -> None:
        """After the drain everything was answered, and nothing is owed any more."""
        for fact, wanted in case.expected:
            self.verdict.find("lost", name, f"{fact} never came: {wanted}")
        for command in case.commands.values():
            if command.id not in case.answered:
                self.verdict.find(
                    "lost", command.seen.where, f"{command.name} {command.id} was never answered"
                )
        for owed in case.owed:
            self.verdict.find("missed", name, f"{owed.name} {owed.id} is still open")


def verify(
    recording: Recording, first_sequence: dict[int, int], clock: Clock, model: Model | None = None
) -> Verdict:
    """The verdict on one block of the core's work."""
    return Judge(model or Model(), clock, recording, first_sequence).judged()


def _refused(command: Command, reason: str) -> tuple[str, dict[str, Any]]:
    return "CommandRefused", {"command_id": command.id, "command": command.name, "reason": reason}


def _add(contacts: list[str], contact: str) -> None:
    if contact not in contacts:
        contacts.append(contact)
