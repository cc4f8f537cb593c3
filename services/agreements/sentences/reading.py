"""What is said of a file that cannot be read as an agreement."""

from __future__ import annotations

from collections.abc import Mapping

#: By code: Dutch, English.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "too_long": (
        "een afspraak heeft hooguit {most} tekens; haal eruit wat er niet in hoort",
        "an agreement has at most {most} characters; take out what does not belong in it",
    ),
    "empty": ("er staat niets in dit bestand", "there is nothing in this file"),
    "not_yaml": ("dit is geen YAML: {why}", "this is no YAML: {why}"),
    "too_deep": (
        "niets in een afspraak zit dieper dan {most} lagen",
        "nothing in an agreement is nested deeper than {most}",
    ),
    "alias": (
        "`*{name}` verwijst naar elders; schrijf uit wat bedoeld is",
        "`*{name}` refers elsewhere; write out what is meant",
    ),
    "anchor": ("`&{name}` heeft hier geen zin; haal het weg", "`&{name}` is of no use here; remove it"),
    "tag": ("`{name}` heeft hier geen zin; haal het weg", "`{name}` is of no use here; remove it"),
    "wrong_key": ("een sleutel is één woord", "a key is a single word"),
    "duplicate_key": (
        "`{name}` staat hier twee keer; laat er één staan",
        "`{name}` stands here twice; leave one",
    ),
    "missing_key": ("`{name}` ontbreekt hier", "`{name}` is missing here"),
    "unknown_key": (
        "er is hier geen sleutel `{name}`; kijk hoe hij geschreven wordt",
        "there is no key `{name}` here; check its spelling",
    ),
    "not_text": (
        "{given} is geen tekst; zet het tussen aanhalingstekens",
        "{given} is no text; put it in quotes",
    ),
    "not_a_whole_number": ("{given} is geen heel getal", "{given} is no whole number"),
    "not_true_or_false": ("{given} is geen true of false", "{given} is neither true nor false"),
    "not_a_list": ("hier hoort een lijst: [een, twee]", "a list is expected here: [one, two]"),
    "not_keys": ("hier horen sleutels met een waarde", "keys with values are expected here"),
    "missing_item": ("hier is er minstens één nodig", "at least one is needed here"),
    "not_a_date": (
        "{given} is geen datum; schrijf hem als 2026-12-25",
        "{given} is no date; write it as 2026-12-25",
    ),
    "wrong_form": (
        "{given} heeft niet de vorm van dit veld: {form}",
        "{given} has not the form of this field: {form}",
    ),
    "unknown_word": ("{given} is geen van {known}", "{given} is none of {known}"),
    "wrong_value": ("{given} past hier niet: {why}", "{given} does not fit here: {why}"),
    "wrong_length_of_time": ("{why}", "{why}"),
    "wrong_period": ("{why}", "{why}"),
    "wrong_week": ("{why}", "{why}"),
    "wrong_condition": ("{why}", "{why}"),
    "unknown_zone": (
        "`{name}` is geen tijdzone; schrijf bijvoorbeeld Europe/Amsterdam",
        "`{name}` is no time zone; write for instance Europe/Amsterdam",
    ),
}
