"""Takes in what passed its checks: allots every id and keeps the exact record in one transaction, sends it, answers.

What is committed is owed to the broker until it is acknowledged, by this process, by whoever asks again with the same
event, or by the sweeper (services/gateway/sweep.py). A record sent twice is the same record with the same id, which a
lane knows. Before a case is sent anything, what is owed to it from before is sent: nothing overtakes in a case.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Protocol

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.base import Said
from schemas.envelope import Envelope
from schemas.gateway import DoorRefusal
from services.database.copying import Raced
from services.database.engine import DatabaseUnreachable, transaction
from services.deliveries.alias import case_alias, signal_alias
from services.gateway import uploads
from services.gateway.asked import Answer, Asked, Kept, Taken, Turned
from services.gateway.intake_plan import BIRTHS, Plan
from services.gateway.intake_rows import (
    Entry,
    Met,
    Named,
    Owed,
    Place,
    add,
    met_before,
    moment_text,
    named,
    note_sent,
    owed_to,
)
from services.gateway.register import Register, fresh_ids, hashes
from services.gateway.seen import AGAIN_AFTER_S
from services.runtime.send import Outgoing
from services.runtime.steady import Lies
from services.vault.ring import Ring
from services.vault.vault import CaseDestroyed, Content, Vault, new_ref
from topics.catalogue import topic_of

#: How often a batch begins again when another door was quicker with one of its rows.
TRIES = 8
#: So many names that nobody knows are looked for a moment longer; more are no answer that came too soon.
SOUGHT_MAX = 20
#: What else is owed to the cases of one batch and goes first; more waits for the sweeper.
FIRST_MAX = 5_000


#: Of the HMAC that a reference is, so many digits: 128 bits.
REF_DIGITS = 32
#: What to do about words that are refused here.
DESTROYED = "the words of this case were destroyed, and none are taken any more"
NOT_YOURS = "name a reference of your own from POST /v1/content within a week, with the case it was given for"


class StillOwed(Exception):
    """So much is owed to these cases from before that the sweeper has to go first; what was said is kept, and sent."""


class Known(Protocol):
    """What a party may name by an alias of its own, beside what it reported itself (its grants)."""

    async def entity_of(self, party: str, alias: str) -> tuple[str, str] | None:
        """Case and entity of an entity's alias."""
        ...

    async def case_of(self, party: str, alias: str) -> str | None:
        """The case of a case's alias."""
        ...


class Nothing:
    """Knows no alias: a party may name what it reported."""

    async def entity_of(self, party: str, alias: str) -> tuple[str, str] | None:
        return None

    async def case_of(self, party: str, alias: str) -> str | None:
        return None


class Sends(Protocol):
    """A producer that stays (services/runtime/steady.py)."""

    async def send_all(self, outgoing: Sequence[Outgoing], /) -> list[Lies]: ...


class Intake:
    """One of these a process; `accept` may run many times at once, in this process and in others."""

    def __init__(  # noqa: PLR0913 - the parts of the door that it brings together
        self,
        engine: AsyncEngine,
        sends: Sends,
        *,
        register: Register,
        vault: Vault,
        ring: Ring,
        alias_key: bytes,
        now_ms: Callable[[], int],
        known: Known | None = None,
    ) -> None:
        self._engine = engine
        self._sends = sends
        self._register = register
        self._vault = vault
        self._ring = ring
        self._alias_key = alias_key
        self._now_ms = now_ms
        self._known = known or Nothing()

    async def accept(self, asked: Sequence[Asked]) -> list[Answer]:
        """What became of each event, in their order, once the broker has all that passed.

        Raises when the database or the broker does not answer: then nothing is known to be taken, and the same events
        may be said again and are taken once.
        """
        planned = [self._plan(one) for one in asked]
        plans = {plan.id: plan for plan in planned}
        kept, owed = await self._keep_once(list(plans.values())) if plans else ({}, [])
        lies = await self._lies(kept.values(), await self.send(owed))
        told: set[str] = set()
        return [self._answer(plan, kept[plan.id], lies, told) for plan in planned]

    async def keep(self, asked: Asked) -> Kept | Turned:
        """Puts words into the vault for an event to come; asked again with the same id, it is the first answer again.

        Raises when the database does not answer.
        """
        plan = self._plan(asked)
        refs = tuple(
            f"vault:{one.hex()[:REF_DIGITS]}"
            for one in hashes(self._ring, "words", asked.party, asked.source, asked.event_id)
        )
        for _ in range(TRIES):
            try:
                return await self._keep_words(plan, refs)
            except CaseDestroyed:
                return Turned(asked.event_id, DoorRefusal.CONTENT_NOT_ALLOWED, "content", DESTROYED)
            except Raced:
                continue
        raise DatabaseUnreachable("other doors are always quicker")

    async def _keep_words(self, plan: Plan, refs: Sequence[str]) -> Kept | Turned:
        asked = plan.asked
        async with transaction(self._engine) as connection:
            before = await uploads.found(connection, asked.party, refs)
            if before is not None:
                return self._kept(before)
            stayed = await uploads.stayed(connection, refs)
            if stayed is not None:
                ref, sealed_in, chars = stayed
                upload = uploads.Upload(ref, asked.party, asked.partnership, sealed_in, "", chars)
                await uploads.add(connection, upload, self._now_ms(), is_used=True)
                return self._kept(upload)
            names = await self._named(connection, [plan])
        await self._ask_known([plan], names)
        async with transaction(self._engine) as connection:
            caseid = await self._case_of(connection, plan, names)
            if caseid is None:
                at = "subject" if asked.case_alias is None else "caseid"
                return Turned(asked.event_id, DoorRefusal.SUBJECT_UNKNOWN, at)
            (fields,) = asked.content.values()
            content = Content(caseid, refs[0], fields)
            is_known = bool(asked.subject or asked.case_alias)
            alias = "" if is_known else case_alias(self._alias_key, asked.party, caseid)
            upload = uploads.Upload(refs[0], asked.party, asked.partnership, caseid, alias, content.chars)
            await uploads.add(connection, upload, self._now_ms())
            await self._vault.put(connection, [content])
        return self._kept(upload)

    def _kept(self, upload: uploads.Upload) -> Kept:
        return Kept(upload.ref, case_alias(self._alias_key, upload.party, upload.caseid))

    async def _case_of(self, connection: AsyncConnection, plan: Plan, names: Named) -> str | None:
        """The case to which words belong: that of the signal they name, else that in which one would begin."""
        if plan.asked.command not in BIRTHS:
            place = plan.place(names)
            return None if place is None else place[0]
        cases = await self._register.cases(connection, {plan.whose} if plan.whose else ())
        roots = await self._register.roots(connection, set(names.cases.values()))
        return plan.case(cases, names, roots, iter(fresh_ids("case", 1)))

    async def send(self, owed: Sequence[Owed]) -> Mapping[str, Lies]:
        """Sends what is owed, in this order, and notes where it lies; raises when the broker does not have it all."""
        if not owed:
            return {}
        lies = await self._sends.send_all([one.outgoing for one in owed])
        async with transaction(self._engine) as connection:
            return await note_sent(connection, owed, lies)

    async def _lies(self, kept: Iterable[Met | Turned], sent: Mapping[str, Lies]) -> Mapping[str, Lies]:
        """Where everything lies, also what another sent between two looks of ours."""
        missing = [
            one.command_id
            for one in kept
            if isinstance(one, Met) and not one.lies and one.command_id not in sent
        ]
        if not missing:
            return sent
        async with transaction(self._engine) as connection:
            met = await met_before(connection, missing)
        found = {one.command_id: one.lies for one in met.values() if one.lies is not None}
        if len(found) < len(missing):
            raise StillOwed
        return {**sent, **found}

    def _plan(self, asked: Asked) -> Plan:
        return Plan(
            asked,
            tuple(
                f"in-{one.hex()[:32]}" for one in hashes(self._ring, "event", asked.source, asked.event_id)
            ),
            hashes(self._ring, "subject", asked.source, asked.subject) if asked.subject else (),
            self._register.whose(asked.partnership, asked.client) if asked.client is not None else None,
        )

    def _answer(self, plan: Plan, kept: Met | Turned, sent: Mapping[str, Lies], told: set[str]) -> Answer:
        asked = plan.asked
        if isinstance(kept, Turned):
            return kept._replace(event_id=asked.event_id)
        is_repeat = kept.new is None or kept.command_id in told
        told.add(kept.command_id)
        lies = kept.lies or sent[kept.command_id]
        return Taken(
            asked.event_id,
            (kept.new and kept.new.entity_alias) or signal_alias(self._alias_key, asked.party, kept.entity),
            (kept.new and kept.new.case_alias) or self._case_of_answer(plan, kept),
            kept.topic,
            lies.partition,
            lies.offset,
            is_repeat,
        )

    def _case_of_answer(self, plan: Plan, kept: Met) -> str:
        return "" if plan.is_of_a_party else case_alias(self._alias_key, plan.asked.party, kept.caseid)

    async def _keep_once(self, plans: list[Plan]) -> tuple[dict[str, Met | Turned], list[Owed]]:
        """Commits a batch, however many other doors are at the same events; begins again where one was quicker."""
        destroyed: set[str] = set()
        for _ in range(TRIES):
            try:
                return await self._keep(plans, destroyed)
            except CaseDestroyed as fault:
                destroyed |= fault.caseids
            except Raced:
                continue
        raise DatabaseUnreachable("other doors are always quicker")

    async def _keep(
        self, plans: list[Plan], destroyed: set[str]
    ) -> tuple[dict[str, Met | Turned], list[Owed]]:
        """What there is now of each event, and what is owed to the broker."""
        async with transaction(self._engine) as connection:
            met = await met_before(connection, [one for plan in plans for one in plan.ids])
            kept: dict[str, Met | Turned] = {plan.id: found for plan in plans if (found := plan.among(met))}
            again = await owed_to(
                connection, {one.caseid for one in met.values() if one.lies is None}, FIRST_MAX
            )
            new = [plan for plan in plans if plan.id not in kept]
            names = await self._named(connection, new)
        if not new:
            return kept, again
        await self._ask_known(new, names)
        async with transaction(self._engine) as connection:
            at_ms = self._now_ms()
            settled, entries = await self._settle(connection, new, names, destroyed, at_ms)
            before = await owed_to(connection, {entry.caseid for entry in entries}, FIRST_MAX)
            await add(connection, entries, at_ms)
            await self._vault.put(connection, [content for entry in entries for content in entry.contents])
        if len(before) == FIRST_MAX:
            raise StillOwed
        owed = {one.command_id: one for one in (*before, *again, *(entry.owed for entry in entries))}
        return kept | settled, list(owed.values())

    @staticmethod
    async def _named(connection: AsyncConnection, plans: Sequence[Plan]) -> Named:
        """What their own reporters call what these name."""
        return await named(
            connection,
            [word for plan in plans for word in plan.word],
            {plan.used for plan in plans if plan.names_entity},
            {used for plan in plans for used in plan.used_for_case},
        )

    async def _ask_known(self, plans: Sequence[Plan], names: Named) -> None:
        """Aliases of what others reported; asked while no connection is held.

        Whoever is asked may answer before the door has read the same facts: a few names are looked for a moment longer.
        """
        for wait_s in AGAIN_AFTER_S:
            missing = await self._ask_once(plans, names)
            if not 0 < missing <= SOUGHT_MAX:
                return
            await asyncio.sleep(wait_s)
        await self._ask_once(plans, names)

    async def _ask_once(self, plans: Sequence[Plan], names: Named) -> int:
        """Asks for what is not known yet; says how much of it is not known now."""
        entities = {plan.used for plan in plans if plan.names_entity} - names.entities.keys()
        cases = {used for plan in plans for used in plan.used_for_case} - names.cases.keys()
        for used in entities:
            found = await self._known.entity_of(*used)
            if found is not None:
                names.entities[used] = found
        for used in cases:
            caseid = await self._known.case_of(*used)
            if caseid is not None:
                names.cases[used] = caseid
        return len(entities - names.entities.keys()) + len(cases - names.cases.keys())

    async def _settle(
        self,
        connection: AsyncConnection,
        plans: list[Plan],
        names: Named,
        destroyed: set[str],
        at_ms: int,
    ) -> tuple[dict[str, Met | Turned], list[Entry]]:
        """Case, entity and record of each new event, in their order: a later one may name what an earlier one began."""
        cases = await self._register.cases(connection, {plan.whose for plan in plans if plan.whose})
        words = await self._uploaded(connection, plans, names)
        roots = await self._register.roots(connection, set(names.cases.values()))
        chance = {prefix: iter(fresh_ids(prefix, len(plans))) for prefix in ("case", *BIRTHS.values())}
        settled: dict[str, Met | Turned] = {}
        entries: list[Entry] = []
        used: set[str] = set()
        recorded = moment_text(at_ms)
        for plan in plans:
            place = plan.place(names)
            is_born = place is None and plan.asked.command in BIRTHS
            if is_born:
                caseid = plan.case(cases, names, roots, chance["case"])
                if caseid is None:
                    settled[plan.id] = Turned("", DoorRefusal.SUBJECT_UNKNOWN, "caseid")
                    continue
                place = (caseid, next(chance[BIRTHS[plan.asked.command]]))
            if place is None:
                settled[plan.id] = Turned("", DoorRefusal.SUBJECT_UNKNOWN, "subject")
                continue
            if plan.asked.content and place[0] in destroyed:
                settled[plan.id] = Turned("", DoorRefusal.CONTENT_NOT_ALLOWED, "content", DESTROYED)
                continue
            named_at = words.wrong(plan.asked, place[0])
            if named_at is not None:
                settled[plan.id] = Turned("", DoorRefusal.CONTENT_NOT_ALLOWED, named_at, NOT_YOURS)
                continue
            entry = self._entry(plan, place, recorded, words, is_born=is_born)
            if isinstance(entry, Turned):
                settled[plan.id] = entry
                continue
            if is_born and plan.word:
                names.words[plan.word[0]] = place
            entries.append(entry)
            used.update(ref for _, ref in plan.asked.refs)
            settled[plan.id] = Met(plan.id, entry.entity, entry.caseid, entry.topic, None, entry)
        if used:
            await uploads.use(connection, used, at_ms)
        return settled, entries

    async def _uploaded(
        self, connection: AsyncConnection, plans: Sequence[Plan], names: Named
    ) -> uploads.Uploaded:
        """The words that these refer to; most refer to none, and nothing is asked."""
        wanted: dict[str, set[str]] = {}
        for plan in plans:
            if plan.asked.refs:
                wanted.setdefault(plan.asked.party, set()).update(ref for _, ref in plan.asked.refs)
        if not wanted:
            return uploads.NONE
        held = {party: await uploads.hold(connection, party, refs) for party, refs in sorted(wanted.items())}
        places = (*names.words.values(), *names.entities.values())
        caseids = {caseid for caseid, _ in places} | set(names.cases.values())
        caseids |= {one.caseid for those in held.values() for one in those.values()}
        return uploads.Uploaded(held, await self._register.roots(connection, caseids))

    def _entry(
        self, plan: Plan, place: Place, recorded: str, words: uploads.Uploaded, *, is_born: bool
    ) -> Entry | Turned:
        asked, (caseid, entity) = plan.asked, place
        is_of_a_party = plan.is_of_a_party
        contents = [Content(caseid, new_ref(), fields) for fields in asked.content.values()]
        values = {**asked.values, **dict(zip(asked.content, (one.ref for one in contents), strict=True))}
        if (contents or asked.refs) and "chars" in asked.command.model_fields:
            values["chars"] = sum(content.chars for content in contents) + words.chars(asked)
        if is_of_a_party:
            values["collaboration_id"] = entity
        try:
            said = asked.command.model_validate(values)
        except ValidationError as fault:
            at = fault.errors(include_input=False, include_url=False)[0]["loc"]
            return Turned("", DoorRefusal.DATA_INVALID, str(at[0]) if at else "data")
        envelope = Envelope(
            id=plan.id,
            source=asked.source,
            type=asked.command.type_name(),
            # What is said of a case names a signal of it at the door, and is about the case itself from here on; what
            # is said of a party is about that, and leads to nothing else.
            subject=entity if asked.command.subject == "signals" else caseid,
            time=asked.time,
            recordedtime=recorded,
            partnership=asked.partnership,
            caseid="" if is_of_a_party else caseid,
            traceparent="" if is_of_a_party else asked.traceparent,
        )
        return Entry(
            command_id=plan.id,
            party=asked.party,
            partnership=asked.partnership,
            entity=entity,
            caseid=caseid,
            topic=_topic(asked.command),
            value=said.model_dump_json(exclude_unset=True).encode(),
            headers=envelope.headers(),
            word=plan.word[0] if plan.word and is_born else None,
            entity_alias=signal_alias(self._alias_key, asked.party, entity) if is_born else "",
            case_alias=case_alias(self._alias_key, asked.party, caseid) if is_born else "",
            contents=contents,
            is_born=is_born,
        )


@cache
def _topic(command: type[Said]) -> str:
    return topic_of(command).name
