"""The questions of the checklist in words, Dutch and English, and how an answer is told."""

from __future__ import annotations

from collections.abc import Mapping

#: By group: Dutch, English.
GROUPS: Mapping[str, tuple[str, str]] = {
    "information": ("Informatie-uitwisseling", "Exchange of information"),
    "roles": ("Rolverdeling", "Division of roles"),
    "mandate": ("Mandaat", "Mandate"),
    "direction": ("Regie", "Direction"),
    "handover": ("Overdracht en doorverwijzing", "Handover and referral"),
    "aftercare": ("Monitoring en nazorg", "Monitoring and aftercare"),
    "beside": ("Wat de documenten daarnaast vragen", "What the documents ask beside these"),
}

#: By number: Dutch, English.
QUESTIONS: Mapping[str, tuple[str, str]] = {
    "1": (
        "Is gevraagd wat de cliënt wil delen, en met wie?",
        "Is the client asked what may be shared, and with whom?",
    ),
    "2": (
        "Is er toestemming om uit te wisselen en met anderen te overleggen?",
        "Is there consent to exchange and to confer with others?",
    ),
    "3": (
        "Vragen en krijgen collega's van elkaar wat zij weten?",
        "Do colleagues ask and tell each other what they know?",
    ),
    "4": (
        "Is afgesproken aan wie en hoe wordt teruggekoppeld?",
        "Is it agreed to whom and how feedback is given?",
    ),
    "5": (
        "Is afgesproken hoe snel, naar urgentie?",
        "Is it agreed how fast, by urgency?",
    ),
    "6": ("Is afgesproken wat erin staat?", "Is it agreed what it says?"),
    "7": (
        "Komt wat ertoe doet in het dossier van de cliënt?",
        "Does what matters go into the client's file?",
    ),
    "8": (
        "Is helder wat ieder weet en kan?",
        "Is it clear what each is able to judge and to do?",
    ),
    "9": ("Zijn taken en verantwoordelijkheden verdeeld?", "Are tasks and responsibilities divided?"),
    "10": (
        "Is duidelijk hoe het werk van de een past bij dat van de ander?",
        "Is it clear how one's work fits in with that of others?",
    ),
    "11": (
        "Is duidelijk wie voor welk onderdeel verantwoordelijk is?",
        "Is it clear who answers for which part?",
    ),
    "12": ("Zijn de bevoegdheden vastgelegd?", "Is it written down who may decide what?"),
    "13": (
        "Wie mag anderen aanspreken en iets van hen verlangen?",
        "Who may call others to account and demand something of them?",
    ),
    "14": (
        "Zijn de cliënt en zijn naasten betrokken bij het zorgplan?",
        "Do the client and those near take part in the care plan?",
    ),
    "15": (
        "Zijn positie en bevoegdheden van de zorgcoördinator beschreven?",
        "Are the coordinator's position and powers described?",
    ),
    "16": ("Weet de cliënt bij wie hij terecht kan?", "Does the client know whom to ask?"),
    "17": ("Weet de cliënt wie welk onderdeel doet?", "Does the client know who does which part?"),
    "18": ("Weet de cliënt wie coördineert?", "Does the client know who coordinates?"),
    "19": (
        "Is afgesproken wanneer en hoe wordt overgedragen?",
        "Is it agreed when and how a handover is done?",
    ),
    "20": (
        "Zijn de cliënt en zijn naasten bij de overdracht betrokken?",
        "Do the client and those near take part in the handover?",
    ),
    "21": (
        "Is duidelijk of het mondeling, op papier of per telefoon gaat?",
        "Is it clear whether it goes by talk, on paper or by phone?",
    ),
    "22": ("Is duidelijk wat er wordt overgedragen?", "Is it clear what is handed over?"),
    "23": (
        "Legt wie overneemt het vast in het eigen dossier?",
        "Does the taker write it in its own file?",
    ),
    "24": (
        "Legt wie overdraagt het vast in het eigen dossier?",
        "Does the giver write it in its own file?",
    ),
    "25": (
        "Is afgesproken wie het traject volgt en evalueert?",
        "Is it agreed who follows and evaluates the path?",
    ),
    "26": (
        "Tellen de ervaringen van cliënt en naasten mee?",
        "Does the experience of client and those near count?",
    ),
    "27": (
        "Is helder hoe de nazorg gaat en wie een vinger aan de pols houdt?",
        "Is it clear how aftercare goes and who keeps a finger on the pulse?",
    ),
    "28": (
        "Aan wie vertelt een naaste die een oogje in het zeil houdt zijn zorgen?",
        "To whom does a relative who keeps watch tell worries?",
    ),
    "a": (
        "Waar worden signalen gemeld, en bij wie van elke partij?",
        "Where are signals reported, and to whom at each party?",
    ),
    "b": (
        "Wat wordt afgewogen voor een zaak wordt ingebracht?",
        "What is weighed before a case is brought in?",
    ),
    "c": ("Wie plant het eerste overleg?", "Who plans the first meeting?"),
    "d": (
        "Is er een schriftelijke afspraak over gegevens, die de cliënt kan inzien?",
        "Is there a written agreement on data that the client may read?",
    ),
    "e": ("Wie hoort tot de kern en wie tot de schil?", "Who belongs to the core and who to the shell?"),
    "f": (
        "Wat gebeurt er als niemand antwoordt, en als een afspraak niet wordt nagekomen?",
        "What happens when nobody answers, and when an agreement is not kept?",
    ),
    "g": ("Hoe sluit een partij aan, en hoe gaat zij weg?", "How does a party join, and how does it leave?"),
    "h": (
        "Wordt de samenwerking minstens twee keer per jaar geëvalueerd?",
        "Is the partnership evaluated at least twice a year?",
    ),
    "i": (
        "Wie is bij elke partij aanspreekbaar op het nakomen?",
        "Who at each party answers for agreements being kept?",
    ),
    "j": ("Wie is wanneer en hoe bereikbaar?", "Who can be reached when and how?"),
    "k": ("Welke kanalen mogen cliëntgegevens dragen?", "Which channels may carry client data?"),
    "l": ("Voor welk gebied geldt de afspraak?", "For which area does the agreement hold?"),
    "m": ("Welk regionaal sjabloon ligt eronder?", "Which regional template is it based on?"),
}

#: Why a question is passed over though nobody said so.
REASONS: Mapping[str, tuple[str, str]] = {
    "no_relative_watches": (
        "geen naaste houdt hier de vinger aan de pols",
        "no relative keeps a finger on the pulse here",
    ),
}

#: What a list of findings says of a question that is answered with no.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "question_unanswered": (
        "vraag {number} van de checklist is niet beantwoord; vul aan: {keys}",
        "question {number} of the checklist is not answered; add: {keys}",
    ),
}
