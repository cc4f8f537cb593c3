"""What is said of an agreement that can be read and should not be signed."""

from __future__ import annotations

from collections.abc import Mapping

#: By code: Dutch, English.
SENTENCES: Mapping[str, tuple[str, str]] = {}
