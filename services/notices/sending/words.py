"""A notice in the words of a mail, Dutch or English: what kind of thing, how urgent, by when, and whom to phone.

Thin: it names nobody and tells nothing of what was seen. The mark by which it can be asked about is the party's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo


class Message(NamedTuple):
    """Subject, plain text and HTML of a mail."""

    subject: str
    text: str
    html: str


#: What a fact means to who reads of it, in Dutch and English; any other is a change.
SAID: Mapping[str, tuple[str, str]] = {
    "SignalRouted": ("Een signaal vraagt om een antwoord", "A signal asks for an answer"),
    "SignalReassigned": ("Een signaal is aan u overgedragen", "A signal was given to you"),
    "ObligationEscalated": (
        "Een signaal wacht nog op een antwoord",
        "A signal still waits for an answer",
    ),
    "SignalAcknowledged": ("Een signaal is opgepakt", "A signal was taken"),
    "SignalDeclined": ("Een signaal is niet opgepakt", "A signal was not taken"),
    "SignalInterpreted": ("Een signaal is geduid", "A signal was interpreted"),
    "ActionRecorded": ("Er is een actie afgesproken", "An action was agreed"),
    "ActionEnded": ("Een actie is afgerond", "An action has ended"),
    "FeedbackGiven": ("Er is een terugkoppeling voor u", "There is feedback for you"),
    "EffectChecked": ("Het effect is nagegaan", "The effect was checked"),
    "SignalClosed": ("Een signaal is afgesloten", "A signal was closed"),
    "SignalWithdrawn": ("Een signaal is ingetrokken", "A signal was withdrawn"),
    "ObligationWarned": ("Een antwoord is bijna te laat", "An answer is nearly late"),
    "ObligationBreached": ("Een antwoord is te laat", "An answer is late"),
    "RungReached": (
        "Afspraken zijn niet nagekomen: uw antwoord wordt gevraagd",
        "Agreements were not kept: your answer is asked for",
    ),
    "ContactDescribed": ("Nieuws over contacten in de samenwerking", "News of contacts in the partnership"),
    "AgreementPublished": (
        "Er is een nieuwe versie van de afspraken",
        "There is a new version of the agreement",
    ),
    "BundleNotice": ("Berichten bij elkaar", "Notices together"),
}
#: What is new about a contact.
NEWS: Mapping[str, tuple[str, str]] = {
    "new": ("nieuw", "new"),
    "changed": ("gewijzigd", "changed"),
    "confirmed": ("bevestigd", "confirmed"),
}
_ELSE = ("Er is iets veranderd bij een signaal", "Something changed about a signal")


def message(
    said: Mapping[str, Any],
    language: str,
    *,
    link: str | None,
    number: str | None,
    content: Mapping[str, str] | None,
) -> Message:
    """The mail of one attempt; `said` is what the lane handed over, the rest was fetched at this moment."""
    v = _Voice(language)
    event, phone = said["event"], said["phone"]
    data = event["data"]
    title = v(SAID.get(data["of"], _ELSE))
    lines = [title + ".", "", v(("Urgentie: ", "Urgency: ")) + str(said["urgency"])]
    if due := data.get("due_at"):
        lines.append(v(("Antwoord vóór: ", "Answer before: ")) + _wall(due, said["zone"]))
    if taken := data.get("taken_by"):
        lines.append(v(("Opgepakt door: ", "Taken by: ")) + str(taken))
    if about := data.get("about"):
        lines.append(v(("Gaat over: ", "About: ")) + str(about))
    if begins := data.get("valid_from"):
        version = v(("Versie {} geldt vanaf ", "Version {} holds from ")).format(data["agreement_version"])
        lines.append(version + _wall(begins, said["zone"]))
    for news in data.get("contacts", ()):
        lines.append(f"- {news['contact']}: {v(NEWS.get(news['news'], NEWS['changed']))}")
    for item in said["items"]:
        lines.append(f"- {v(SAID.get(item['of'], _ELSE))} ({item['about'] or '-'})")
    if content:
        lines += ["", *(f"{name}: {text}" for name, text in content.items())]
    if link:
        is_read = said["link"]["action"] == "read"
        lines += [
            "",
            v(
                ("Lees het hier: ", "Read it here: ")
                if is_read
                else ("Oppakken of niet, antwoord hier: ", "Take it or not, answer here: ")
            )
            + link,
        ]
    if phone is not None:
        call = v(("Bellen met: ", "Phone: ")) + phone["title"]
        lines += ["", call + (f", {number}" if number else "")]
    lines += [
        v(("Kenmerk: ", "Reference: ")) + event["subject"],
        "",
        str(said["partnership_title"]),
        v(
            (
                "Dit bericht is door een systeem verstuurd; antwoorden per mail leest niemand.",
                "This message was sent by a system; nobody reads answers by mail.",
            )
        ),
    ]
    return Message(f"{title} [{said['urgency']}]", "\n".join(lines) + "\n", _html(lines, link, language))


class _Voice:
    def __init__(self, language: str) -> None:
        self._n = 1 if language == "en" else 0

    def __call__(self, words: tuple[str, str]) -> str:
        return words[self._n]


def _wall(due: str, zone: str) -> str:
    return datetime.fromisoformat(due).astimezone(ZoneInfo(zone)).strftime("%d-%m-%Y %H:%M")


def _html(lines: Sequence[str], link: str | None, language: str) -> str:
    """The same text as paragraphs; nothing is loaded from anywhere, so that reading it is seen by nobody."""
    shown: list[str] = []
    for line in lines:
        if not line:
            continue
        text = escape(line)
        if link and link in line:
            url = escape(link, quote=True)
            text = text.replace(escape(link), f'<a href="{url}" rel="noreferrer">{url}</a>')
        shown.append(f"<p>{text}</p>")
    head = f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"></head>'
    return f"{head}<body>\n{''.join(shown)}\n</body></html>\n"
