"""What is said of a file that cannot be read as an agreement."""

from __future__ import annotations

from collections.abc import Mapping

#: By code: Dutch, English.
SENTENCES: Mapping[str, tuple[str, str]] = {
    # How it is written.
    "too_long": (
        "een afspraak heeft hooguit {most} tekens; haal eruit wat er niet in hoort",
        "an agreement has at most {most} characters; take out what does not belong in it",
    ),
    "empty": ("er staat niets in dit bestand", "there is nothing in this file"),
    "odd_character": (
        "hier staat een teken dat niemand ziet ({name}); haal het weg",
        "here is a character that nobody sees ({name}); take it out",
    ),
    "tab": ("spring in met spaties, niet met een tab", "indent by spaces, not by a tab"),
    "not_closed": (
        "wat hier opengaat, gaat niet goed dicht: kijk naar `]`, `}}` of het aanhalingsteken",
        "what is opened here is not closed well: look at the `]`, the `}}` or the quote",
    ),
    "wrong_escape": (
        "na een `\\` tussen dubbele aanhalingstekens volgt een vast teken; schrijf `\\\\` of neem enkele "
        "aanhalingstekens",
        "a `\\` between double quotes has a fixed sign after it; write `\\\\` or use single quotes",
    ),
    "wrong_beginning": (
        "een waarde begint niet met `{name}`; zet haar tussen aanhalingstekens",
        "no value begins with `{name}`; put it in quotes",
    ),
    "wrong_colon": (
        "een dubbele punt komt hier onverwacht: kijk naar het inspringen en naar de spatie na de dubbele punt, en zet "
        "een tekst met een dubbele punt erin tussen aanhalingstekens",
        "a colon is not expected here: look at the indentation and at the space after a colon, and put a text that "
        "holds a colon in quotes",
    ),
    "not_in_line": (
        "dit sluit niet aan op wat erboven staat: kijk of het even ver inspringt, en of er na een aanhalingsteken of "
        "haak niets meer volgt",
        "this does not go with what stands above it: see whether it is indented as far, and whether nothing follows a "
        "closing quote or bracket",
    ),
    "not_yaml": (
        "vanaf hier is dit geen YAML: kijk naar inspringen, dubbele punten, haken en aanhalingstekens",
        "from here on this is no YAML: look at indentation, colons, brackets and quotes",
    ),
    "directive": ("`%` is hier niet nodig; haal de regel weg", "`%` is of no use here; remove the line"),
    "several_documents": (
        "hier begint een tweede document; zet in dit bestand één afspraak, zonder `---` of `...` ertussen",
        "a second document begins here; keep one agreement in this file, without `---` or `...` in between",
    ),
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
    "merge_key": (
        "`<<` haalt sleutels van elders; schrijf ze hier uit",
        "`<<` takes keys from elsewhere; write them out here",
    ),
    "wrong_key": ("een sleutel is één woord", "a key is a single word"),
    "duplicate_key": (
        "`{name}` staat hier twee keer; laat er één staan",
        "`{name}` stands here twice; leave one",
    ),
    "no_value": (
        "hier is niets ingevuld; vul het in of haal het weg",
        "nothing is filled in here; fill it in or take it away",
    ),
    # What the model says of it.
    "missing_key": ("`{name}` ontbreekt hier; vul het in", "`{name}` is missing here; fill it in"),
    "unknown_key": (
        "er is hier geen sleutel `{name}`; kijk hoe hij geschreven wordt en waar hij hoort",
        "there is no key `{name}` here; check its spelling and where it belongs",
    ),
    "not_one_value": (
        "hier hoort één waarde, geen lijst en geen sleutels",
        "one value is expected here, no list and no keys",
    ),
    "not_text": (
        "{given} is geen tekst; zet het tussen aanhalingstekens",
        "{given} is no text; put it in quotes",
    ),
    "empty_text": ("deze tekst is leeg; vul hem in", "this text is empty; fill it in"),
    "text_too_long": (
        "deze tekst is te lang; er is plaats voor {most} tekens",
        "this text is too long; there is room for {most} characters",
    ),
    "not_a_whole_number": (
        "{given} is geen heel getal; schrijf het in cijfers, zonder aanhalingstekens, zoals 2",
        "{given} is no whole number; write it in digits, without quotes, such as 2",
    ),
    "too_small": ("{given} is te weinig; minstens {least}", "{given} is too little; at least {least}"),
    "too_large": ("{given} is te veel; hooguit {most}", "{given} is too much; at most {most}"),
    "not_true_or_false": (
        "{given} is geen `true` of `false`; schrijf `true` voor ja en `false` voor nee",
        "{given} is neither `true` nor `false`; write `true` for yes and `false` for no",
    ),
    "not_a_list": ("hier hoort een lijst: [een, twee]", "a list is expected here: [one, two]"),
    "not_keys": (
        "hier horen sleutels met een waarde: {{sleutel: waarde}}; de voorbeelden laten zien welke",
        "keys with values are expected here: {{key: value}}; the examples show which",
    ),
    "missing_item": ("hier horen er minstens {least}", "at least {least} belong here"),
    "too_many_items": ("hier horen er hooguit {most}", "at most {most} belong here"),
    "not_a_date": (
        "{given} is geen datum; schrijf hem als 2026-12-25",
        "{given} is no date; write it as 2026-12-25",
    ),
    "not_a_name": (
        "{given} is geen naam; schrijf hem met kleine letters, cijfers, `-` en `_`, zoals `wijkteam-oost`",
        "{given} is no name; write it with small letters, digits, `-` and `_`, such as `team-east`",
    ),
    "not_a_fact": (
        "{given} is geen naam van een gebeurtenis; schrijf hem als `SignalReported`",
        "{given} is no name of a fact; write it as `SignalReported`",
    ),
    "not_a_postcode": (
        '{given} is geen postcode; schrijf de vier cijfers tussen aanhalingstekens, zoals "9901"',
        '{given} is no postcode; write its four digits in quotes, such as "9901"',
    ),
    "unknown_word": (
        "{given} kan hier niet staan; kies uit {known}",
        "{given} cannot stand here; choose from {known}",
    ),
    "wrong_value": (
        "{given} past hier niet; de voorbeelden laten zien wat wel",
        "{given} does not fit here; the examples show what does",
    ),
    # Lengths of time, weeks and conditions.
    "wrong_length_of_time": (
        "{given} is geen tijdsduur; schrijf minuten en uren als PT15M, PT2H of PT1H30M, dagen als "
        "{{days: 1, counting: elapsed}} of {{days: 1, counting: calendar}}, werktijd als "
        "{{working_days: 1, calendar: NAAM}} of {{working_hours: 4, calendar: NAAM}}",
        "{given} is no length of time; write minutes and hours as PT15M, PT2H or PT1H30M, days as "
        "{{days: 1, counting: elapsed}} or {{days: 1, counting: calendar}}, working time as "
        "{{working_days: 1, calendar: NAME}} or {{working_hours: 4, calendar: NAME}}",
    ),
    "length_out_of_limits": (
        "{given} is geen tijdsduur van meer dan niets en hooguit {most} dagen",
        "{given} is no length of time of more than nothing and at most {most} days",
    ),
    "wrong_period": (
        "{given} is geen periode van hooguit tien jaar; schrijf dagen als P30D, weken als P6W, maanden als P3M, jaren "
        "als P1Y",
        "{given} is no period of at most ten years; write days as P30D, weeks as P6W, months as P3M, years as P1Y",
    ),
    "wrong_week": (
        'een week noemt haar dagen met hun uren: {{mon-fri: "08:30-17:00"}}',
        'a week names its days with their hours: {{mon-fri: "08:30-17:00"}}',
    ),
    "wrong_day": (
        "`{name}` is geen dag; schrijf mon, tue, wed, thu, fri, sat, sun of een reeks zoals mon-fri",
        "`{name}` is no day; write mon, tue, wed, thu, fri, sat, sun or a range such as mon-fri",
    ),
    "day_twice": (
        "`{name}` wordt twee keer genoemd; geef elke dag één keer zijn uren",
        "`{name}` is named twice; give each day its hours once",
    ),
    "hours_not_text": (
        'schrijf uren tussen aanhalingstekens, zoals "08:30-17:00"',
        'write hours in quotes, such as "08:30-17:00"',
    ),
    "wrong_shift": (
        '`{name}` zijn geen uren; schrijf ze als "08:30-17:00"',
        '`{name}` is no shift; write it as "08:30-17:00"',
    ),
    "shift_without_length": (
        "`{name}` is geen tijd binnen een dag; kijk naar begin en einde",
        "`{name}` is no length of time within a day; look at its beginning and end",
    ),
    "shifts_overlap": (
        "twee diensten vallen over elkaar; maak er één van",
        "two shifts overlap; join them into one",
    ),
    "wrong_condition": (
        "een voorwaarde noemt velden van de gebeurtenis, elk met wat erin mag staan: {{urgency: [acute]}}",
        "a condition names fields of the fact, each with what it may hold: {{urgency: [acute]}}",
    ),
    "condition_without_value": (
        "`{name}` heeft één waarde nodig of een lijst van waarden",
        "`{name}` needs one value or a list of values",
    ),
    "unknown_zone": (
        "`{name}` is geen tijdzone; schrijf bijvoorbeeld Europe/Amsterdam",
        "`{name}` is no time zone; write for instance Europe/Amsterdam",
    ),
    # The directory file.
    "not_a_day_or_moment": (
        "{given} is geen dag of moment; schrijf een dag als 2026-12-24, of een moment met zijn afwijking van UTC als "
        "2026-12-24T17:00:00+01:00",
        "{given} is no day or moment; write a day as 2026-12-24, or a moment with its offset as "
        "2026-12-24T17:00:00+01:00",
    ),
    "ends_before_it_begins": (
        "dit eindigt voordat het begint; kijk naar `from` en `until`",
        "this ends before it begins; look at `from` and `until`",
    ),
    "not_staffed_by": (
        "`{name}` bemenst dit contact niet; dat doen: {staff}",
        "`{name}` does not staff this contact; who do: {staff}",
    ),
    # The template.
    "a_template": (
        "dit is een sjabloon en geen afspraak; geef het bestand op dat het invult",
        "this is a template and no agreement; name the file that fills it in",
    ),
    "inherits_missing": (
        "sjabloon `{name}` is niet gegeven; zet `{name}.yaml` naast dit bestand, of wijs het aan met --template",
        "template `{name}` is not given; put `{name}.yaml` beside this file, or name it with --template",
    ),
    "wrong_template": (
        "gevraagd is sjabloon `{name}` versie {version}, gegeven is `{other}` versie {other_version}; geef het goede, "
        "of neem de andere versie over als de partners dat willen",
        "template `{name}` version {version} is asked for, `{other}` version {other_version} is given; give the right "
        "one, or take over the other version if the partners agree",
    ),
    "template_not_asked_for": (
        "er is een sjabloon gegeven waar dit bestand niet om vraagt; noem het in `meta.inherits` of laat het weg",
        "a template is given that this file does not ask for; name it in `meta.inherits` or leave it out",
    ),
    "left_open": (
        "sjabloon `{template}` laat `{name}` open; vul het in in de afspraak, of hier",
        "template `{template}` leaves `{name}` open; fill it in in the agreement, or here",
    ),
    "template_of_template": (
        "een sjabloon vult zelf geen sjabloon in; schrijf hier uit wat bedoeld is",
        "a template fills in no other template; write out here what is meant",
    ),
}
