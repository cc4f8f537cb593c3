"""The CloudEvents 1.0 envelope as it travels on Kafka: attributes in `ce_` headers, JSON data in the value.

Written by hand because it stands in the hot path of every lane; the tests hold it equal to the CloudEvents SDK.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

Header = tuple[str, bytes]

SPEC_VERSION = "1.0"
_REQUIRED = ("id", "source", "type")
#: A header longer than this is no attribute of ours.
ATTRIBUTE_MAX_BYTES = 512


class EnvelopeError(ValueError):
    """The headers are not those of a CloudEvent of ours; `reason` is a code of the dead-letter list."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes of one event. Moments are RFC 3339 text here; who needs a datetime parses it.

    `time` is the provider's word and drives nothing; `recordedtime` is when we took it in and decides.
    """

    id: str
    source: str
    type: str
    subject: str = ""
    time: str = ""
    recordedtime: str = ""
    partnership: str = ""
    caseid: str = ""
    causationid: str = ""
    correlationid: str = ""
    urgency: str = ""
    priority: str = ""
    traceparent: str = ""

    @property
    def key(self) -> str:
        """The key of its record: the case, or what it is about where it belongs to no case."""
        return self.caseid or self.subject

    def headers(self) -> list[Header]:
        """The Kafka headers of binary mode; attributes without a value are left out."""
        found: list[Header] = [
            ("ce_specversion", b"1.0"),
            ("content-type", b"application/json"),
        ]
        if self.caseid:
            found.append(("ce_partitionkey", self.caseid.encode()))
        for name in _NAMES:
            value = getattr(self, name)
            if value:
                found.append((_HEADER[name], value.encode()))
        return found


_NAMES: tuple[str, ...] = tuple(field.name for field in fields(Envelope))
_HEADER: dict[str, str] = {name: f"ce_{name}" for name in _NAMES}
_ATTRIBUTE: dict[str, str] = {header: name for name, header in _HEADER.items()}


def decode(headers: Iterable[Header] | Sequence[Header]) -> Envelope:
    """Reads an envelope from Kafka headers; raises `EnvelopeError` with a coded reason.

    An attribute we do not know is passed over: it may belong to a later version.
    """
    found: dict[str, str] = {}
    spec = ""
    for header, raw in headers:
        if header == "ce_specversion":
            spec = _text(raw)
        name = _ATTRIBUTE.get(header)
        if name is None:
            continue
        if name in found:
            raise EnvelopeError("attribute_repeated")
        found[name] = _text(raw)
    if spec != SPEC_VERSION:
        raise EnvelopeError("not_a_cloudevent")
    for name in _REQUIRED:
        if not found.get(name):
            raise EnvelopeError("attribute_missing")
    return Envelope(**found)


def _text(raw: bytes | None) -> str:
    if raw is None:
        raise EnvelopeError("attribute_missing")
    if len(raw) > ATTRIBUTE_MAX_BYTES:
        raise EnvelopeError("attribute_too_long")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise EnvelopeError("attribute_not_utf8") from None
