"""Two partnerships next door to each other, each with an agreement of three parties that fits on a page."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A partnership: its name, where it answers, and who is next door."""

    name: str
    postcodes: str
    next_door: str
    postcodes_next_door: str


VLIER = Place("de-vlier", '["9901", "9902"]', "de-kolk", '["9911", "9912"]')
KOLK = Place("de-kolk", '["9911", "9912"]', "de-vlier", '["9901", "9902"]')

_TEXT = """\
meta:
  partnership: {here.name}
  title: Afspraken {here.name}
  version: {version}
  valid_from: {day}
  review: {{per_year: 2}}
area: {{postcodes: {here.postcodes}}}
neighbours:
  - {{partnership: {here.next_door}, postcodes: {here.postcodes_next_door}, entry: {here.next_door}-entry}}
timezone: Europe/Amsterdam
channels:
  phone: {{form: oral, carries_client_data: true}}
calendars: {{}}
urgency:
  levels:
    acute: {{fhir: stat, always: true}}
    urgent: {{fhir: urgent}}
parties:
  - id: care
    kind: home_care
    title: Thuiszorg
    accountable_person: {here.name}-team
    signal_contact: {here.name}-team
    ring: core
    contacts:
      - {{id: {here.name}-team, title: Wijkteam, channels: [phone], reachable: always, types: [nursing]}}
      - id: {here.name}-night
        title: Nachtdienst
        kind: shared_number
        channels: [phone]
        reachable: always
        types: [nursing]
  - id: point
    kind: coordination_point
    title: Coordinatiepunt
    accountable_person: {here.name}-point
    signal_contact: {here.name}-point
    ring: core
    contacts:
      - {{id: {here.name}-point, title: Coordinator van dienst, channels: [phone], reachable: always}}
  - id: next-door
    kind: neighbour_partnership
    title: Wijkverband hiernaast
    accountable_person: {here.next_door}-entry
    signal_contact: {here.next_door}-entry
    ring: shell
    contacts:
      - {{id: {here.next_door}-entry, title: Meldpunt hiernaast, channels: [phone], reachable: always}}
partnership: {{coordinator: [{here.name}-point], initiator: {here.name}-point}}
signals: {{entry: {here.name}-point}}
routing:
  receiver: {here.name}-point
  ladder: standard
  routes:
    - {{name: next-door, match: {{area: outside}}, receiver: neighbour.entry}}
    - {{name: care-at-home, match: {{types: [nursing]}}, receiver: {here.name}-{asked}}}
obligations:
  - name: acknowledge_signal
    opened_by: SignalRouted
    discharged_by: [SignalAcknowledged]
    owed_by: event.contact
    within: {{acute: PT15M, urgent: {urgent}}}
    warn_at: [90]
    ladder: event.ladder
escalation:
  operational:
    standard:
      - {{to: contact}}
      - to: {here.name}-point
        after: {{acute: PT15M, urgent: PT1H}}
        repeat_every: {{acute: PT15M, urgent: PT2H}}
  collaboration:
    when: {{missed: {{count: 3, within: P30D}}}}
    rungs: [{{to: address_each_other}}, {{to: accountable_person}}, {{to: partnership.coordinator}}]
"""


def a_small(
    here: Place, version: int = 1, day: str = "2026-11-01", *, asked: str = "team", urgent: str = "PT2H"
) -> str:
    """The agreement of a partnership: which contact is asked for nursing, and how long an urgent answer may take."""
    return _TEXT.format(here=here, version=version, day=day, asked=asked, urgent=urgent)
