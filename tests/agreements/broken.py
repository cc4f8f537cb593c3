"""Agreements with one thing wrong each: the code, a part of the line it is found on, and what was changed."""

# ruff: noqa: E501 - a row of the table is a line

from __future__ import annotations

from typing import NamedTuple

from tests.agreements.texts import WATERKANT, changed

Change = tuple[str, str]


class Broken(NamedTuple):
    """`at` is a moment on the wall; left out, the agreement is looked at as it begins."""

    code: str
    part: str
    changes: tuple[Change, ...]
    at: str | None = None

    def text(self) -> str:
        """The small example with this wrong."""
        return changed(*self.changes)


def wrong(code: str, old: str, new: str, part: str = "", at: str | None = None) -> Broken:
    """One change; the finding is on a line with what was put there, unless said otherwise."""
    return Broken(code, part or new, ((old, new),), at)


def added(code: str, section: str, part: str, *changes: Change) -> Broken:
    """A section the small example does without, put before its ladders."""
    return Broken(code, part, ((_LADDERS, f"{section}\n{_LADDERS}"), *changes))


_LADDERS = "# Who is asked next when nobody answers."
_DUTY = "  - name: settle_no_capacity "
_WITHIN = "within: {acute: PT15M, urgent: PT2H, routine: {working_days: 1, calendar: office}}"
_OPEN_NO_CAPACITY = "opened_by: {event: SignalDeclined, where: {reason: no_capacity}}"
_ACUTE_MEDICAL = "    - name: acute-medical\n"
_SOCIAL = "{name: social, match: {types: [social, behavioural]}, receiver: welzijn-desk}"
_LAST = "    - {name: known-client, match: {case: has_contact}, receiver: case.contact}"
_LINDE = "accountable_person: linde-team"
_WELZIJN_DESK = (
    "{id: welzijn-desk, title: Sociaal werker van dienst, channels: [email, phone], reachable: office,"
)
_ROOT = "routing:\n  receiver: coordination-point"
_SIGNALS = "  entry: coordination-point  "
_GP = "kind: gp\n    title: Huisartsen De Vlier\n    ring: core"
_LINDE_PARTY = "title: Thuiszorg Linde\n    ring: core"
_SCHAKEL_PARTY = "title: Coördinatiepunt De Schakel\n    ring: core"
_ACCESS = "information:\n  purpose: p\n  measure: none\n  access: {shell: []}\n"
_FEEDBACK = "feedback:\n  purpose: p\n  measure: none\n  rules:\n    - {to: %s, form: %s}\n"
_SEES = "information:\n  purpose: p\n  measure: none\n  access: {core: [thin, findings]}\n"
_SIGNED = WATERKANT[WATERKANT.index("  signed:") : WATERKANT.index("\narea:")]
_ROLES = "roles:\n  purpose: p\n  measure: none\n  task_division:\n"
_GROUNDS = """information:
  purpose: p
  measure: none
  without_consent:
    grounds: {vital_interest: %s}
    deciders_min: 2
    review_every: P30D
    inform_client: {within: P30D}
"""


def a_rule(rule: str) -> Change:
    """A rule put at the end of the tree."""
    return _LAST, f"    - {rule}\n{_LAST}"


TABLE: tuple[Broken, ...] = (
    # Names.
    wrong("duplicate_id", "name: social,", "name: medical,", "name: medical"),
    wrong("duplicate_id", "name: social,", "name: root,"),
    wrong("duplicate_id", "name: settle_no_capacity", "name: acknowledge_signal", "name: acknowledge_signal  "),
    wrong("duplicate_id", "- id: kolk\n", "- id: linde\n"),
    wrong("duplicate_id", "id: kolk-entry", "id: linde-duty", "id: linde-duty, title: Meldpunt"),
    wrong("duplicate_id", "id: kolk-entry", "id: deputy"),
    wrong("unknown_contact", _ROOT, "routing:\n  receiver: desk", "receiver: desk"),
    wrong("unknown_contact", "receiver: kolk-entry", "receiver: kolk", "receiver: kolk}"),
    wrong("unknown_contact", "entry: coordination-point", "entry: front-desk"),
    wrong("unknown_contact", "deputy: linde-duty", "deputy: linde-dutty"),
    wrong("unknown_contact", "- to: regional-duty\n", "- to: regional-dutty\n"),
    wrong("unknown_contact", "owed_by: coordination-point", "owed_by: the-desk"),
    wrong("unknown_contact", _LINDE, "accountable_person: linde-boss"),
    wrong("unknown_contact", "initiator: linde-team", "initiator: linde-boss"),
    wrong("unknown_ladder", "ladder: standard", "ladder: long"),
    wrong("unknown_ladder", "match: {area: outside}, ", "match: {area: outside}, ladder: long, ", "ladder: long"),
    wrong("unknown_ladder", "ladder: desk", "ladder: chair"),
    wrong("unknown_urgency", "match: {urgency: [acute], ", "match: {urgency: [accute], "),
    wrong("unknown_urgency", "within: {acute: PT15M,", "within: {accute: PT15M, acute: PT15M,"),
    wrong("unknown_urgency", "opened_by: SignalRouted", "opened_by: {event: SignalRouted, where: {urgency: [accute]}}"),
    wrong("unknown_calendar", "hours: {outside: office}", "hours: {outside: offfice}"),
    wrong("unknown_calendar", "reachable: daytime", "reachable: night"),
    wrong("unknown_calendar", "fhir: routine, calendar: office", "fhir: routine, calendar: shop"),
    wrong("unknown_calendar", _WITHIN, _WITHIN.replace("calendar: office", "calendar: shop")),
    wrong("unknown_channel", "channels: [email, phone], reachable: office", "channels: [emial, phone], reachable: office"),
    wrong("unknown_party", "{to: waterkant}", "{to: waterkamp}"),
    wrong("unknown_party", "{party: welzijn, on", "{party: welzijm, on"),
    wrong("unknown_kind", "match: {concern: [care_avoidance,", "match: {reporting_kind: polce, concern: [care_avoidance,"),
    wrong("unknown_measure", "measure: declined_by_reason", "measure: declined_by_raeson"),
    wrong("unknown_fact", "opened_by: SignalRouted", "opened_by: SignalRoutd"),
    wrong("unknown_fact", "discharged_by: [SignalAcknowledged]\n    next", "discharged_by: [AcknowledgeSignal]\n    next",
          "AcknowledgeSignal"),
    wrong("unknown_practice", "match: {types: [medical]}", "match: {types: [medical], practice: [lok]}", "[lok]"),
    wrong("unknown_target_group", "match: {types: [medical]}", "match: {types: [medical], target_group: frail}", "frail"),
    wrong("unknown_expertise", _SIGNALS, "  acute_expertise: {medical: [medicin]}\n" + _SIGNALS, "medicin"),
    added("unknown_task", f"{_ROLES}    - {{task: wash, party: linde, after: [cook]}}\n", "cook"),
    added("unknown_obligation", (_FEEDBACK % ("gp", "oral")).replace("form: oral", "form: oral, clocks: tell_gp"), "tell_gp"),
    added("unknown_role", "monitoring: {purpose: p, measure: none, monitors: bosss, evaluates: client, keeps_contact: client}\n",
          "bosss"),
    # Calendars and levels.
    wrong("word_with_a_meaning", "daytime:\n    week", "always:\n    week", "week: {mon-sun"),
    wrong("date_not_credible", "valid_from: 2026-11-01", "valid_from: 9999-12-31"),
    wrong("date_not_credible", "leaves: 2027-01-01", "leaves: 0001-01-01"),
    wrong("duplicate_holiday", "date: 2026-12-26", "date: 2026-12-25", "Tweede Kerstdag"),
    wrong("calendar_without_hours", '{mon-sun: "08:00-22:00"}', "{}", "week: {}"),
    wrong("holiday_without_source", "name: Koningsdag, source: agreed 2026-10-01", "name: Koningsdag"),
    Broken("holidays_run_out", "2026-12-25", (), "2027-05-01T12:00"),
    wrong("routed_and_not_owed", "opened_by: SignalRouted", "opened_by: {event: SignalRouted, where: {urgency: [acute]}}",
          "name: acknowledge_signal"),
    wrong("routed_and_not_owed", "owed_by: event.contact", "owed_by: coordination-point",
          "name: acknowledge_signal"),
    wrong("failure_not_heard", "      - {event: NoticeFailed, where: {is_permanent: true}}\n", "", "name: acknowledge_signal"),
    wrong("sent_is_not_informed", "discharged_by: [SignalAcknowledged]\n    cancelled", "discharged_by: [FeedbackGiven]\n    cancelled",
          "FeedbackGiven"),
    wrong("letter_never_arrives", "discharged_by: [SignalAcknowledged]\n    cancelled",
          "discharged_by: [{event: FeedbackGiven, where: {outcome: [read]}}]\n    cancelled", "FeedbackGiven"),
    wrong("wrong_field", "owed_by: event.contact", "owed_by: event.reason", "event.reason"),
    wrong("wrong_field", "owed_by: event.contact", "owed_by: event.agreement_version", "agreement_version"),
    wrong("wrong_field", "ladder: event.ladder", "ladder: event.rule", "event.rule"),
    wrong("no_level_always", "{fhir: stat, always: true}", "{fhir: stat}", "acute: {fhir: stat}"),
    Broken("one_level_only", "acute: {fhir: stat", (
        ("    urgent: {fhir: urgent}\n", ""), ("    routine: {fhir: routine, calendar: office}\n", ""))),
    wrong("level_always_with_calendar", "always: true}", "always: true, calendar: office}"),
    wrong("always_by_calendar", "within: {acute: PT15M,", "within: {acute: {working_hours: 1, calendar: office},"),
    # Area, term, review.
    wrong("postcode_twice", '"9901", "9902", "9903"', '"9901", "9902", "9901"'),
    wrong("area_overlaps", "timezone:", 'neighbours: [{partnership: k, postcodes: ["9904"], entry: kolk-entry}]\ntimezone:',
          "neighbours"),
    wrong("neighbours_overlap", "timezone:",
          'neighbours:\n  - {partnership: k, postcodes: ["9905"], entry: kolk-entry}\n'
          '  - {partnership: l, postcodes: ["9905"], entry: kolk-entry}\ntimezone:', "partnership: l"),
    wrong("size_out_of_order", '"9903", "9904"]', '"9903", "9904"]\n  usual_size: [20000, 10000]', "usual_size"),
    wrong("area_size_unusual", '"9903", "9904"]', '"9903", "9904"]\n  inhabitants: 900\n  usual_size: [10000, 20000]',
          "inhabitants: 900"),
    wrong("term_over", "  review: {per_year", "  term: P3M\n  review: {per_year", "term: P3M", "2027-02-01T00:00"),
    wrong("few_reviews", "per_year: 2", "per_year: 1"),
    Broken("review_overdue", "per_year", (), "2027-05-02T12:00"),
    Broken("signed_by_nobody", "partnership: de-vlier", ((_SIGNED, "  signed: []\n"),)),
    wrong("not_signed_by_all", "    - {party: welzijn, on: 2026-10-14}\n", "", "party: linde"),
    # Parties and contacts.
    wrong("party_without_contact", "  - id: schakel\n", "  - {id: police, kind: police, title: Politie, ring: shell}\n  - id: schakel\n",
          "id: police"),
    wrong("party_without_accountable_person", f"    {_LINDE}\n", "", "id: linde"),
    wrong("party_without_signal_contact", "    signal_contact: kolk-entry\n", "", "id: kolk"),
    wrong("contact_of_another_party", _LINDE, "accountable_person: gp-desk"),
    wrong("seat_unsaid", "        sits_in_partnership: true\n", "", "id: linde-team"),
    wrong("leaves_before_joining", "leaves: 2027-01-01", "joins: 2027-01-02\n    leaves: 2027-01-01", "leaves: 2027-01-01"),
    wrong("contact_without_channel", f"{_WELZIJN_DESK}", f"{_WELZIJN_DESK.replace('email, phone', '')}", "channels: []"),
    wrong("deputy_of_itself", "deputy: linde-duty", "deputy: linde-team"),
    wrong("deputy_cycle", "reachable: always, types: [nursing]}", "reachable: always, types: [nursing], deputy: linde-team}",
          "deputy: linde-duty"),
    wrong("stands_in_for_itself", "deputy: linde-duty", "deputy: linde-duty\n        stand_ins: [linde-team]",
          "stand_ins: [linde-team]"),
    wrong("stand_in_without_expertise", "deputy: linde-duty", "deputy: linde-duty\n        stand_ins: [gp-desk]",
          "stand_ins: [gp-desk]"),
    wrong("overflow_at_home", "deputy: linde-duty", "deputy: linde-duty\n        overflow: [linde-duty]", "overflow"),
    wrong("group_without_claim", _WELZIJN_DESK, f"{_WELZIJN_DESK} kind: group,", "kind: group"),
    wrong("claim_without_group", _WELZIJN_DESK, f"{_WELZIJN_DESK} claim: first,", "claim: first"),
    wrong("core_kind_missing", "kind: pharmacy", "kind: shop", "id: linde"),
    wrong("no_partnership_coordinator", "  coordinator: coordination-point\n", "", "één plek die de partners"),
    wrong("no_partnership_initiator", "  initiator: linde-team\n", "", "één plek die de partners"),
    Broken("leaves_with_open_duties", "receiver: linde-team",
           ((_LINDE_PARTY, f"{_LINDE_PARTY}\n    leaves: 2027-03-01"),)),
    wrong("root_leaves", _SCHAKEL_PARTY, f"{_SCHAKEL_PARTY}\n    leaves: 2027-03-01", "receiver: coordination-point"),
    # The tree.
    wrong("root_without_receiver", "receiver: coordination-point\n  ladder", "ladder", "ladder: standard"),
    wrong("root_without_ladder", "  ladder: standard\n", "", "receiver: coordination-point"),
    wrong("root_not_coordination_point", _ROOT, "routing:\n  receiver: linde-team", "receiver: linde-team"),
    wrong("wrong_window", "hours: {outside: office}", "hours: {outside: office, inside: office}"),
    wrong("wrong_window", "hours: {outside: office}", "hours: {}"),
    Broken("unreachable_rule", "name: wash", (a_rule("{name: wash, match: {types: [caring], urgency: [acute]}}"),)),
    wrong("rule_excluded_above", "match: {hours: {outside: office}}", "match: {urgency: [routine]}",
          "acute-medical-after-hours"),
    wrong("contradictory_windows", _SOCIAL, _SOCIAL.replace("match: {", "match: {hours: {inside: office}, ").replace(
          "receiver: welzijn-desk}", "receiver: welzijn-desk, routes: [{name: night, match: {hours: {outside: office}}}]}"),
          "name: night"),
    wrong("case_contact_unasked", "receiver: kolk-entry", "receiver: case.contact"),
    wrong("case_coordinator_unasked", "receiver: kolk-entry", "receiver: case.coordinator"),
    wrong("no_neighbours", "receiver: kolk-entry", "receiver: neighbour.entry"),
    wrong("no_practices", "receiver: kolk-entry", "receiver: practice.contact"),
    wrong("no_intake", "receiver: kolk-entry", "receiver: intake.contact"),
    wrong("no_paths", "receiver: kolk-entry", "receiver: path.contact"),
    Broken("intake_without_rest", "types: [medical]", (
        ("receiver: kolk-entry", "receiver: intake.contact"),
        ("routing:\n", "intake:\n  - {types: [medical], by: gp-desk}\nrouting:\n"))),
    Broken("path_without_contact", "target_group: [frail, young]", (
        ("match: {area: outside}, receiver: kolk-entry", "match: {target_group: [frail, young]}, receiver: path.contact"),
        ("routing:\n", "paths: {frail: {title: F, contact: linde-team, parties: [linde]}}\nrouting:\n"))),
    added("receiver_may_not_see", _ACCESS, "name: outside-area"),
    wrong("receiver_of_other_types", ", nursing, caring, supportive], sits", "], sits", "name: informal-carer"),
    wrong("receiver_of_some_types", "receiver: kolk-entry", "receiver: gp-desk", "id: gp-desk"),
    # Ladders.
    Broken("no_escalation", "meta:", ((WATERKANT[WATERKANT.index("escalation:\n"):], ""),)),
    Broken("no_collaboration_ladder", "operational:", ((WATERKANT[WATERKANT.index("  # The other ladder"):], ""),)),
    wrong("ladder_without_rungs", "standard:\n", "short: []\n    standard:\n", "short: []"),
    wrong("rung_without_wait", "{to: deputy, after: {acute: PT15M, urgent: PT1H,", "{to: deputy, after: {acute: PT15M,"),
    wrong("ladder_without_end", "- to: regional-duty\n", "- to: deputy\n"),
    wrong("ladder_without_repeat", "standard:\n", "short:\n      - {to: regional-duty}\n    standard:\n",
          "- {to: regional-duty}"),
    wrong("ladder_hole", "title: Regionale achterwacht, channels: [phone], reachable: always",
          "title: Regionale achterwacht, channels: [phone], reachable: daytime", "- to: regional-duty"),
    Broken("ladder_last_only", "- {to: contact}", ()),
    added("stand_in_may_not_see", _ACCESS, "title: Sociaal werker", (_WELZIJN_DESK, f"{_WELZIJN_DESK} deputy: regional-duty,")),
    added("rung_may_not_see", _ACCESS, "- to: regional-duty"),
    Broken("acute_expertise_unsaid", "purpose: geen zorg", ()),
    Broken("rung_without_expertise", "name: care-at-home", (
        (_SIGNALS, "  acute_expertise: {nursing: [nursing]}\n" + _SIGNALS),)),
    Broken("acute_without_expertise", "name: acute-medical", (
        (_GP, f"{_GP}\n    expertise: [medicine]"), ("deputy: gp-post, ", ""),
        (_SIGNALS, "  acute_expertise: {medical: [medicine]}\n" + _SIGNALS))),
    # Obligations.
    wrong("unknown_field", "where: {reason: no_capacity}", "where: {reasn: no_capacity}"),
    wrong("unknown_field", "owed_by: event.contact", "owed_by: event.receiver"),
    wrong("unknown_field", "ladder: event.ladder", "ladder: event.rungs"),
    wrong("impossible_value", "where: {reason: no_capacity}", "where: {reason: no_capacty}"),
    wrong("impossible_value", "where: {reason: no_capacity}", "where: {by: linde}"),
    wrong("opens_itself", "opened_by: SignalRouted", "opened_by: ObligationOpened"),
    wrong("not_of_a_case", _OPEN_NO_CAPACITY, "opened_by: AgreementPublished"),
    wrong("urgency_without_time", "within: {acute: PT15M, urgent: PT2H,", "within: {acute: PT15M,"),
    wrong("warnings_out_of_order", "warn_at: [50, 75, 90]", "warn_at: [75, 50, 90]"),
    wrong("warnings_out_of_order", "warn_at: [50, 75, 90]", "warn_at: [50, 50]"),
    wrong("warnings_out_of_order", "warn_at: [50, 75, 90]", "warn_at: [50, 100]"),
    wrong("pause_without_end", "    warn_at: [75]\n", "    warn_at: [75]\n    paused_by: [ActionRecorded]\n", "paused_by"),
    # Sharing.
    added("feedback_without_channel", _FEEDBACK % ("social_work", "written"), "to: social_work"),
    added("feedback_without_talk",
          (_FEEDBACK % ("gp", "written")).replace("written", "written, also_by_phone_when: {urgency: [acute]}"), "to: gp",
          ("channels: [webhook, phone], reachable: office, types: [medical]", "channels: [webhook], reachable: office, types: [medical]"),
          ("title: Huisartsenpost, channels: [phone]", "title: Huisartsenpost, channels: [webhook]")),
    added("feedback_without_talk", _FEEDBACK % ("gp", "oral"), "to: gp",
          ("channels: [webhook, phone], reachable: office, types: [medical]", "channels: [webhook], reachable: office, types: [medical]"),
          ("title: Huisartsenpost, channels: [phone]", "title: Huisartsenpost, channels: [webhook]")),
    added("findings_not_seen", _FEEDBACK % ("gp", "written"), "to: gp"),
    added("ground_without_decider", _GROUNDS % "{needs: [threat]}", "vital_interest"),
    added("ground_without_needs", _GROUNDS % "{needs: [], deciders: [gp]}", "vital_interest"),
    added("identifier_without_agreement", "information:\n  purpose: p\n  measure: none\n  identifiers: [bsn]\n", "identifiers: [bsn]"),
    # Items and tasks.
    wrong("item_without_measure", "    measure: declined_by_reason\n", "", "name: settle_no_capacity"),
    wrong("item_without_purpose", "  purpose: geen zorg raakt zoek\n", "", "measure: signals_without_rule"),
    added("task_given_twice", f"{_ROLES}    - {{task: wash, party: linde}}\n    - {{task: wash, party: welzijn}}\n",
          "task: wash, party: welzijn"),
    added("task_without_party", f"{_ROLES}    - {{task: wash}}\n", "task: wash"),
    added("task_after_itself", f"{_ROLES}    - {{task: wash, party: linde, after: [wash]}}\n", "after: [wash]"),
    # No persons.
    wrong("email_address", "title: Thuiszorg Linde", "title: Thuiszorg Linde, desk@example.org"),
    wrong("email_address", "title: Thuiszorg Linde", "title: desk@example.org"),
    wrong("email_address", "timezone: Europe/Amsterdam", "timezone: Europe/Amsterdam   # ask desk@example.org"),
    wrong("mobile_number", "timezone: Europe/Amsterdam", "timezone: Europe/Amsterdam   # call 06-12345678"),
    wrong("citizen_number", "timezone: Europe/Amsterdam", "timezone: Europe/Amsterdam   # 123456782"),
    wrong("mobile_number", "title: Thuiszorg Linde", "title: bel 06-12345678"),
    wrong("mobile_number", "title: Thuiszorg Linde", "title: Thuiszorg Linde 06-12 34 56 78"),
    wrong("mobile_number", "title: Thuiszorg Linde", "title: Thuiszorg Linde +31 6 12345678"),
    wrong("looks_like_a_person", "title: Praktijkassistent", "title: Mevrouw de Wit"),
)  # fmt: skip
