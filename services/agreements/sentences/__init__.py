"""Every sentence a finding is told in, Dutch and English, by its code: what is wrong and what to do."""

from __future__ import annotations

from services.agreements.findings import Finding, Language
from services.agreements.sentences import checklist, reading, rules

#: By code: Dutch, English.
SENTENCES = {**reading.SENTENCES, **rules.SENTENCES, **checklist.SENTENCES}


def say(finding: Finding, language: Language) -> str:
    """The sentence of a finding."""
    dutch, english = SENTENCES[finding.code]
    return (dutch if language == "nl" else english).format(**dict(finding.words))
