"""What is said of an agreement that can be read: what is wrong, or better weighed, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

_UNKNOWN: Mapping[str, tuple[str, str, str]] = {
    # The kind of thing, in Dutch with its article, in English, and the place where it is defined.
    "contact": ("het contact", "contact", "parties[].contacts[].id"),
    "party": ("de partij", "party", "parties[].id"),
    "calendar": ("de kalender", "calendar", "calendars"),
    "urgency": ("het urgentieniveau", "level of urgency", "urgency.levels"),
    "ladder": ("de ladder", "ladder", "escalation.operational"),
    "channel": ("het kanaal", "channel", "channels"),
    "kind": ("een partij van de soort", "party of the kind", "parties[].kind"),
    "role": ("de rol", "role", "roles"),
    "expertise": ("de deskundigheid", "expertise", "parties[].expertise"),
    "task": ("de taak", "task", "roles.task_division[].task"),
    "obligation": ("de verplichting", "obligation", "obligations[].name"),
    "target_group": ("de doelgroep", "target group", "paths"),
    "practice": (
        "een vast contact voor de praktijk",
        "fixed contact for the practice",
        "contacts[].for_practice",
    ),
}

#: By code: Dutch, English.
SENTENCES: Mapping[str, tuple[str, str]] = {
    **{
        f"unknown_{thing}": (
            f"{nl} `{{name}}` is er niet; schrijf een van {{near}}, of zet het onder `{key}`",
            f"there is no {en} `{{name}}`; write one of {{near}}, or add it under `{key}`",
        )
        for thing, (nl, en, key) in _UNKNOWN.items()
    },
    "unknown_measure": (
        "de maat `{name}` staat niet in de catalogus; kies een van {near}, of schrijf `none`",
        "the measure `{name}` is not in the catalogue; choose one of {near}, or write `none`",
    ),
    "unknown_fact": (
        "het feit `{name}` bestaat niet, dus er zou nooit iets van komen; schrijf een van {near}",
        "there is no fact `{name}`, so nothing would ever come of it; write one of {near}",
    ),
    "unknown_field": (
        "het feit {fact} heeft geen veld `{name}`; kies een van {known}",
        "the fact {fact} has no field `{name}`; choose one of {known}",
    ),
    "routed_and_not_owed": (
        "wie voor een melding met urgentie `{level}` wordt gevraagd, hoeft niet te antwoorden, dus bij stilte gebeurt "
        "er niets; maak een verplichting met opened_by: SignalRouted en owed_by: event.contact",
        "whoever is asked about a signal at `{level}` owes no answer, so silence leads to nothing; add an obligation "
        "with opened_by: SignalRouted and owed_by: event.contact",
    ),
    "sent_is_not_informed": (
        "`{name}` telt als gedaan wanneer de tekst alleen is verstuurd; schrijf bij FeedbackGiven de uitkomst die "
        "telt, zoals outcome: [delivered, read, spoken]",
        "`{name}` counts as done when the text was only sent; write the outcome that counts beside FeedbackGiven, "
        "such as outcome: [delivered, read, spoken]",
    ),
    "letter_never_arrives": (
        "`{name}` eindigt nooit door een tekst die Seinhuis zelf bezorgt; zet de feiten NoticeDelivered en NoticeRead "
        "erbij, waar text_for zegt voor wie de tekst is",
        "`{name}` never ends by a text that Seinhuis itself delivers; add the facts NoticeDelivered and NoticeRead, "
        "where text_for says whom the text is for",
    ),
    "failure_not_heard": (
        "op wie voor `{name}` niet te bereiken is wordt toch gewacht; zet het feit NoticeFailed bij next_level_on, "
        "waar is_permanent: true",
        "whoever cannot be reached for `{name}` is waited for all the same; add the fact NoticeFailed to "
        "next_level_on, where is_permanent: true",
    ),
    "wrong_field": (
        "`{name}` van {fact} is niet wat hier nodig is; kies een van {known}",
        "`{name}` of {fact} is not what is needed here; choose one of {known}",
    ),
    "impossible_value": (
        "`{field}` van {fact} kan nooit `{value}` zijn, dus dit geldt nooit; kijk in docs/EVENTS.md wat het kan zijn",
        "`{field}` of {fact} can never be `{value}`, so this never holds; look up in docs/EVENTS.md what it can be",
    ),
    "unusable": (
        "met `{name}` kan niets beslist worden ({why}); maak dat deel af",
        "nothing can be decided with `{name}` ({why}); complete that part",
    ),
    # Names, calendars, levels.
    "duplicate_id": (
        "`{name}` is al een naam hier, of heeft een eigen betekenis; geef elk een eigen naam",
        "`{name}` is taken here, or has a meaning of its own; give each its own name",
    ),
    "word_with_a_meaning": (
        "`{name}` heeft een eigen betekenis; noem de kalender anders",
        "`{name}` has a meaning of its own; name the calendar otherwise",
    ),
    "date_not_credible": (
        "{given} ligt niet tussen {first} en {last}; kijk het jaar na",
        "{given} is not between {first} and {last}; check the year",
    ),
    "duplicate_holiday": ("{day} staat er twee keer; laat er één staan", "{day} is listed twice; leave one"),
    "calendar_without_hours": (
        "`{name}` is nooit open; geef zijn week uren",
        "`{name}` is never open; give its week some hours",
    ),
    "holiday_without_source": (
        "waar is de vrije dag `{name}` afgesproken? zet erbij `source: ...`",
        "where was the day off `{name}` agreed? add `source: ...`",
    ),
    "holidays_run_out": (
        "de laatste vrije dag van `{name}` was {last}; vul de lijst aan met `seinhuis agreements holidays`",
        "the last day off of `{name}` was {last}; extend the list with `seinhuis agreements holidays`",
    ),
    "no_level_always": (
        "geen niveau loopt dag en nacht door; zet bij het acute `always: true`",
        "no level runs day and night; mark the acute one with `always: true`",
    ),
    "one_level_only": (
        "er is maar één niveau; spreek naast acuut nog minstens één af",
        "there is one level only; agree on at least one beside the acute one",
    ),
    "level_always_with_calendar": (
        "`{name}` loopt dag en nacht door; haal zijn kalender weg",
        "`{name}` runs day and night; remove its calendar",
    ),
    "always_by_calendar": (
        "`{name}` loopt dag en nacht door; geef het minuten of uren, zoals PT15M",
        "`{name}` runs day and night; give it minutes or hours, as PT15M",
    ),
    # Area, term, review.
    "postcode_twice": ("postcode {postcode} staat er twee keer; laat er één staan",
                       "postcode {postcode} is listed twice; leave one"),
    "area_overlaps": (
        "postcode {postcode} is ook van {other}; verdeel het gebied, of zet `overlap: allowed` als "
        "de regio dat goedvindt",
        "postcode {postcode} is {other}'s as well; divide the area, or say `overlap: allowed` if the region agrees",
    ),
    "neighbours_overlap": (
        "postcode {postcode} is van {one} en van {other}; nu krijgt {one} de signalen, kies er één",
        "postcode {postcode} is {one}'s and {other}'s; {one} gets the signals as it stands, choose one",
    ),
    "size_out_of_order": (
        "van {least} tot {most} is geen omvang; schrijf eerst het kleinste aantal",
        "from {least} to {most} is no size; write the smaller number first",
    ),
    "area_size_unusual": (
        "{inhabitants} inwoners valt buiten de gebruikelijke {least} tot {most}; bespreek het met de regio",
        "{inhabitants} inhabitants is outside the usual {least} to {most}; talk it over with the region",
    ),
    "term_over": (
        "de looptijd eindigde op {day}; spreek een nieuwe af en begin een nieuwe versie",
        "the term ended on {day}; agree on a new one and begin a new version",
    ),
    "few_reviews": (
        "{given} keer per jaar is minder dan de twee evaluaties die gevraagd worden; spreek er twee af",
        "{given} a year is fewer than the two evaluations that are asked for; agree on two",
    ),
    "review_overdue": (
        "de evaluatie had op {day} moeten zijn; houd haar en zet de dag bij `last_held`",
        "the evaluation was due on {day}; hold it and write its day under `last_held`",
    ),
    "signed_by_nobody": (
        "niemand heeft nog getekend; zet onder `signed` wie wanneer akkoord ging",
        "nobody has signed yet; write under `signed` who agreed when",
    ),
    "not_signed_by_all": (
        "nog niet getekend door {names}; vul `signed` aan zodra zij akkoord zijn",
        "not signed yet by {names}; add them to `signed` once they agree",
    ),
    # Parties and contacts.
    "party_without_contact": (
        "`{name}` heeft geen contact; noem minstens één functie die bereikt kan worden",
        "`{name}` has no contact; name at least one function that can be reached",
    ),
    "party_without_accountable_person": (
        "wie bij `{name}` is aanspreekbaar op het nakomen? zet erbij `accountable_person: CONTACT`",
        "who at `{name}` answers for agreements being kept? add `accountable_person: CONTACT`",
    ),
    "party_without_signal_contact": (
        "bij wie komen bij `{name}` signalen binnen? zet erbij `signal_contact: CONTACT`",
        "who at `{name}` takes signals? add `signal_contact: CONTACT`",
    ),
    "contact_of_another_party": (
        "`{name}` is een contact van {other}, niet van {party}; noem een eigen contact",
        "`{name}` is a contact of {other}, not of {party}; name one of its own",
    ),
    "seat_unsaid": (
        "zit `{name}` zelf in het samenwerkingsverband? zet erbij `sits_in_partnership: true` of `false`",
        "does `{name}` sit in the partnership? add `sits_in_partnership: true` or `false`",
    ),
    "leaves_before_joining": (
        "`{name}` gaat weg voor hij meedoet; kijk de data na",
        "`{name}` leaves before it joins; check the dates",
    ),
    "contact_without_channel": (
        "`{name}` is op geen enkele manier te bereiken; noem een kanaal",
        "`{name}` cannot be reached at all; name a channel",
    ),
    "deputy_of_itself": (
        "`{name}` kan zichzelf niet vervangen; noem iemand anders",
        "`{name}` cannot stand in for itself; name somebody else",
    ),
    "stands_in_for_itself": (
        "`{name}` kan het niet van zichzelf overnemen; haal het hier weg",
        "`{name}` cannot take over from itself; remove it here",
    ),
    "deputy_cycle": (
        "deze functies vervangen elkaar in een kring: {names}; laat de laatste door iemand anders vervangen worden",
        "these functions stand in for each other in a circle: {names}; give the last another deputy",
    ),
    "group_without_claim": (
        "wie van de groep `{name}` heeft het? zet erbij `claim: first`, dan zien de anderen wie het oppakt",
        "who of the group `{name}` has it? add `claim: first`, so that the others see who takes it",
    ),
    "claim_without_group": (
        "`{name}` is geen groep; zet erbij `kind: group`, of haal `claim` weg",
        "`{name}` is no group; add `kind: group`, or remove `claim`",
    ),
    "stand_in_without_expertise": (
        "`{name}` mist de deskundigheid {missing} van `{contact}`; noem wie die heeft, of vul zijn deskundigheid aan",
        "`{name}` lacks the expertise {missing} of `{contact}`; name one that has it, or add it there",
    ),
    "overflow_at_home": (
        "`{name}` is ook van {party}; wat niet past gaat naar een andere partij",
        "`{name}` is {party}'s as well; what does not fit goes to another party",
    ),
    "core_kind_missing": (
        "geen partij van de soort `{name}` in de kern; een wijkverband heeft minstens {all}: nodig er een uit",
        "no party of the kind `{name}` in the core; a wijkverband has at least {all}: invite one",
    ),
    "no_partnership_coordinator": (
        "bij wie is de coördinatie van het samenwerkingsverband belegd? zet `partnership.coordinator: CONTACT`",
        "in whom is the coordination of the partnership vested? add `partnership.coordinator: CONTACT`",
    ),
    "no_partnership_initiator": (
        "wie neemt het initiatief (en doet niet alles zelf)? zet `partnership.initiator: CONTACT`",
        "who takes the initiative (and does not do everything)? add `partnership.initiator: CONTACT`",
    ),
    "leaves_with_open_duties": (
        "`{name}` hoort bij {party}, dat per {day} niet meer meedoet; geef dit aan een ander",
        "`{name}` belongs to {party}, which takes no part from {day} on; give this to another",
    ),
    "root_leaves": (
        "`{name}` van {party} doet per {day} niet meer mee, en krijgt wat geen regel past; noem een "
        "coördinatiepunt dat blijft",
        "`{name}` of {party} takes no part from {day} on, and gets what no rule matches; name a "
        "coordination point that stays",
    ),
    # Routing.
    "root_without_receiver": (
        "de routering noemt geen `receiver`: wie gevraagd wordt als geen regel past; noem een coördinatiepunt",
        "the routing names no `receiver`: whoever is asked when no rule matches; name a coordination point",
    ),
    "root_not_coordination_point": (
        "wat bij geen regel past gaat naar een coördinatiepunt; `{name}` is van een {kind}: noem een ander",
        "what no rule matches goes to a coordination point; `{name}` belongs to a {kind}: name another",
    ),
    "root_without_ladder": (
        "de routering noemt geen `ladder` voor wat bij geen regel past; noem er een",
        "the routing names no `ladder` for what no rule matches; name one",
    ),
    "wrong_window": (
        "noem bij `{name}` één kalender: `inside` zijn uren of `outside`",
        "name one calendar in `{name}`: `inside` its hours or `outside` them",
    ),
    "unreachable_rule": (
        "`{name}` wordt nooit bereikt: {by} neemt alles al; zet hem ervoor, maak die krapper of laat die `continue`",
        "`{name}` is never reached: {by} takes all of it; put it first, narrow that one or let it `continue`",
    ),
    "rule_excluded_above": (
        "`{name}` past nooit: wat hij bij `{key}` vraagt, sluit een regel erboven uit; verplaats of verander hem",
        "`{name}` never matches: what it asks of `{key}` a rule above excludes; move it or change it",
    ),
    "contradictory_windows": (
        "`{name}` past nooit: er is geen moment dat bij {calendars} past zoals gevraagd; kies andere uren",
        "`{name}` never matches: no moment fits {calendars} as it is asked; choose other hours",
    ),
    "case_contact_unasked": (
        "`{name}` stuurt naar het contact van de zaak; zet erbij `case: has_contact`, zodat een lezer ziet wanneer",
        "`{name}` sends to the case's own contact; add `case: has_contact`, so that a reader sees when",
    ),
    "case_coordinator_unasked": (
        "`{name}` stuurt naar de coördinator van de zaak; zet erbij `case: has_coordinator`, zodat "
        "een lezer ziet wanneer",
        "`{name}` sends to the case's coordinator; add `case: has_coordinator`, so that a reader sees when",
    ),
    "no_neighbours": (
        "`{name}` stuurt naar de buren, maar `neighbours` noemt er geen; vul ze aan",
        "`{name}` sends to the neighbours, but `neighbours` names none; add them",
    ),
    "no_practices": (
        "`{name}` stuurt naar het vaste contact van de praktijk, maar niemand heeft `for_practice`; vul dat aan",
        "`{name}` sends to the practice's fixed contact, but nobody has `for_practice`; add it",
    ),
    "no_intake": (
        "`{name}` stuurt naar de eerste intake, maar `intake` noemt niemand; vul dat aan",
        "`{name}` sends to the first intake, but `intake` names nobody; add it",
    ),
    "intake_without_rest": (
        "geen regel van de intake past op alles, dus `{name}` vindt soms niemand; sluit af met een "
        "regel met alleen `by`",
        "no line of the intake fits all, so `{name}` may find nobody; end it with a line that has `by` only",
    ),
    "no_paths": (
        "`{name}` stuurt naar het pad van de doelgroep, maar geen pad heeft een `contact`; vul dat aan",
        "`{name}` sends to the target group's path, but no path has a `contact`; add it",
    ),
    "path_without_contact": (
        "het pad `{group}` is er niet of heeft geen `contact`, dus `{name}` vindt daarvoor niemand; vul `paths` aan",
        "the path `{group}` is not there or has no `contact`, so `{name}` finds nobody for it; complete `paths`",
    ),
    "receiver_may_not_see": (
        "`{name}` krijgt signalen van `{rule}`, maar een {kind} ({ring}) mag niets zien; pas "
        "`information.access` aan",
        "`{name}` gets signals by `{rule}`, but a {kind} ({ring}) may see nothing; change `information.access`",
    ),
    "receiver_of_other_types": (
        "`{rule}` stuurt ook {foreign} naar `{name}`, dat er is voor {types}; vul zijn `types` aan "
        "of stuur dat elders heen",
        "`{rule}` sends {foreign} to `{name}` too, which is there for {types}; add to its `types` or "
        "send that elsewhere",
    ),
    "receiver_of_some_types": (
        "`{name}` is er voor {types}, maar krijgt elke soort van {rules}; vraag daar naar soort, of "
        "haal `types` hier weg",
        "`{name}` is there for {types}, but gets any type by {rules}; ask for types there, or remove `types` here",
    ),
    # Ladders.
    "no_escalation": (
        "spreek vooraf af wie de volgende is: voeg `escalation` toe",
        "agree beforehand who is next: add `escalation`",
    ),
    "no_collaboration_ladder": (
        "wat gebeurt er als een afspraak niet wordt nagekomen? voeg `collaboration` toe: van elkaar "
        "aanspreken tot de regio",
        "what happens when an agreement is not kept? add `collaboration`: from addressing each other "
        "up to the region",
    ),
    "no_operational_ladder": (
        "er is geen ladder voor als niemand antwoordt; voeg er een toe onder `operational`",
        "there is no ladder for when nobody answers; add one under `operational`",
    ),
    "ladder_without_rungs": (
        "`{name}` heeft geen treden; noem wie gevraagd wordt",
        "`{name}` has no levels; name who is asked",
    ),
    "rung_without_wait": (
        "in `{name}` staat niet hoe lang `{level}` wacht voor deze trede; zet het in `after`",
        "in `{name}` nothing says how long `{level}` waits before this level; add it to `after`",
    ),
    "ladder_without_end": (
        "de laatste trede van `{name}` is iemand die er altijd is; noem een contact",
        "the last level of `{name}` is somebody who is always there; name a contact",
    ),
    "ladder_without_repeat": (
        "in `{name}` staat niet hoe vaak `{level}` opnieuw gevraagd wordt; zet het in `repeat_every`",
        "in `{name}` nothing says how often `{level}` is asked again; add it to `repeat_every`",
    ),
    "ladder_hole": (
        "vanaf {at} is op `{name}` niemand te bereiken voor {level} bij {receiver}; noem als laatste "
        "wie er altijd is",
        "from {at} on nobody on `{name}` can be reached for {level} at {receiver}; end with somebody always there",
    ),
    "ladder_last_only": (
        "vanaf {at} is op `{name}` voor {level} bij {receiver} alleen de laatste trede, {last}, te bereiken; "
        "noem een vervanger of aanvulling",
        "from {at} on only the last level of `{name}`, {last}, can be reached for {level} at {receiver}; "
        "name a deputy or another level",
    ),
    "rung_may_not_see": (
        "`{name}` staat op `{ladder}`, maar een {kind} ({ring}) mag niets zien en wordt "
        "overgeslagen; pas `information.access` aan",
        "`{name}` is on `{ladder}`, but a {kind} ({ring}) may see nothing and is passed over; change "
        "`information.access`",
    ),
    "stand_in_may_not_see": (
        "`{name}` neemt het over van `{contact}`, maar een {kind} ({ring}) mag niets zien en wordt overgeslagen; "
        "pas `information.access` aan",
        "`{name}` takes over from `{contact}`, but a {kind} ({ring}) may see nothing and is passed over; "
        "change `information.access`",
    ),
    "acute_expertise_unsaid": (
        "er is niet gezegd welke deskundigheid een acuut signaal vraagt: {types}; zet het in `acute_expertise`",
        "nothing says which expertise an acute signal takes: {types}; add it to `acute_expertise`",
    ),
    "rung_without_expertise": (
        "bij `{name}` wordt trede `{rung}` overgeslagen voor acuut {type}: {needed} ontbreekt daar; "
        "geef de regel een ladder met die deskundigheid",
        "in `{name}` the level `{rung}` is passed over for acute {type}: it lacks {needed}; "
        "give the rule a ladder with that expertise",
    ),
    "acute_without_expertise": (
        "vanaf {at} is bij `{name}` niemand met {needed} te bereiken voor acuut {type}; zet iemand "
        "op de ladder die er dan is",
        "from {at} on nobody with {needed} can be reached in `{name}` for acute {type}; add to the "
        "ladder who is there then",
    ),
    # Obligations.
    "opens_itself": (
        "`{name}` zou na elke verplichting een nieuwe openen, zonder einde; kies een ander feit",
        "`{name}` would open after every obligation another, without end; choose another fact",
    ),
    "not_of_a_case": (
        "{fact} gaat over geen zaak, dus er wordt nooit iets door verschuldigd; kies een ander feit",
        "{fact} is about no case, so nothing is ever owed by it; choose another fact",
    ),
    "urgency_without_time": (
        "bij `{name}` staat niet binnen welke tijd `{level}` beantwoord wordt; zet het in `within`",
        "nothing says in `{name}` within what time `{level}` is answered; add it to `within`",
    ),
    "warnings_out_of_order": (
        "waarschuwingen zijn procenten van 1 tot 99, elk later dan de vorige, niet {given}; zet ze op volgorde",
        "warnings are percentages from 1 to 99, each later than the one before, not {given}; put them in order",
    ),
    "pause_without_end": (
        "{fact} kan de klok van `{name}` niet stilzetten: het zegt geen {missing}; kies een feit met reden en einde",
        "{fact} cannot stop the clock of `{name}`: it says no {missing}; choose a fact with a reason and an end",
    ),
    # Sharing.
    "feedback_without_channel": (
        "een {kind} krijgt hier schriftelijk bericht met cliëntgegevens, maar geen contact heeft een kanaal "
        "dat die mag dragen; geef er een",
        "a {kind} gets written feedback with client data here, but no contact has a channel that may "
        "carry it; add one",
    ),
    "feedback_without_talk": (
        "een {kind} hoort dit in een gesprek ({form}), maar geen contact heeft een kanaal om te spreken; geef er een",
        "a {kind} hears this in a talk ({form}), but no contact has a channel to talk by; add one",
    ),
    "findings_not_seen": (
        "een {kind} krijgt hier bevindingen, maar mag ze niet zien; geef de soort `findings` in `information.access`",
        "a {kind} gets findings here, but may not see them; give the kind `findings` in `information.access`",
    ),
    "ground_without_decider": (
        "wie beslist over delen op grond van `{name}`? noem de rollen in `deciders`, samen minstens {least}",
        "who decides on sharing on the ground `{name}`? name the roles in `deciders`, at least {least} together",
    ),
    "ground_without_needs": (
        "wat moet er gezegd zijn voor delen op grond van `{name}`? noem de punten in `needs`",
        "what has to be stated for sharing on the ground `{name}`? name the points in `needs`",
    ),
    "identifier_without_agreement": (
        "hier mag een cliënt met het burgerservicenummer worden genoemd; in welke schriftelijke afspraak staat dat? "
        "vul `information.data_agreement` in",
        "a client may be named by the citizen service number here; in which written agreement does that stand? fill "
        "in `information.data_agreement`",
    ),
    # Items and tasks.
    "item_without_measure": (
        "hoe wordt `{name}` gevolgd? zet erbij `measure: ...` uit de catalogus, of `measure: none`",
        "how is `{name}` followed? add `measure: ...` from the catalogue, or `measure: none`",
    ),
    "item_without_purpose": (
        "waarvoor dient `{name}`? zet erbij `purpose: ...`, want een afspraak houdt niet meer in dan nodig",
        "what is `{name}` for? add `purpose: ...`, for an agreement holds no more than is needed",
    ),
    "task_given_twice": (
        "de taak `{name}` is gegeven aan {one} en aan {other}; kies er één",
        "the task `{name}` is given to {one} and to {other}; choose one",
    ),
    "task_without_party": (
        "wie doet `{name}`? zet erbij `party: ...`",
        "who does `{name}`? add `party: ...`",
    ),
    "task_after_itself": (
        "`{name}` kan niet na zichzelf komen; haal dat weg",
        "`{name}` cannot come after itself; remove that",
    ),
    # No persons.
    "email_address": (
        "`{given}` hoort hier niet: een afspraak noemt functies; adressen staan in het adresboek",
        "`{given}` does not belong here: an agreement names functions; addresses are kept in the directory",
    ),
    "citizen_number": (
        "`{given}` kan een burgerservicenummer zijn; haal het weg, ook uit een opmerking",
        "`{given}` may be a citizen service number; take it out, of a remark too",
    ),
    "mobile_number": (
        "`{given}` is een mobiel nummer; noem het vaste nummer van de functie, of zet het in het adresboek",
        "`{given}` is a mobile number; name the function's own number, or put it in the directory",
    ),
    "looks_like_a_person": (
        "`{given}` lijkt op de naam van een persoon; noem de functie",
        "`{given}` looks like the name of a person; name the function",
    ),
}  # fmt: skip
