"""Server-sent events as a client reads them (WHATWG HTML, 9.2): lines in, messages out, the last id kept."""

from __future__ import annotations

from typing import NamedTuple


class Message(NamedTuple):
    """One event. Its id is the last that was told, be it with this event or before."""

    event: str
    data: str
    last_id: str


class Parser:
    """Feed it lines without their ends; an empty line ends an event."""

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id
        self.retry_ms: int | None = None
        self._id = last_id
        self._event = ""
        self._data: list[str] = []

    def feed(self, line: str) -> Message | None:
        """Takes a line; returns the event that it ends. An event without data only moves the place."""
        if line:
            self._field(*_split(line))
            return None
        self.last_id = self._id
        event, data = self._event or "message", self._data
        self._event, self._data = "", []
        return Message(event, "\n".join(data), self.last_id) if data else None

    def _field(self, name: str, value: str) -> None:
        match name:
            case "event":
                self._event = value
            case "data":
                self._data.append(value)
            case "id" if "\0" not in value:
                self._id = value
            case "retry" if value.isascii() and value.isdigit():
                self.retry_ms = int(value)


def _split(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.removeprefix(" ")
