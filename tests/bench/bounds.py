"""A promise with a figure: what was found, what was wanted, and the sentence that says it was missed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import NamedTuple


class Bound(NamedTuple):
    """Something found that may not be above what is wanted, or not below it."""

    name: str
    found: float
    wanted: float
    is_least: bool = False

    def missed(self) -> str | None:
        """What is not as promised; None when it is."""
        if self.found >= self.wanted if self.is_least else self.found <= self.wanted:
            return None
        return (
            f"{self.name} is {self.found:,.6g}, at {'least' if self.is_least else 'most'} {self.wanted:,.6g}"
        )


def tell(missing: Iterable[str]) -> int:
    """Says on stderr what was missed, and the exit code that follows from it."""
    said = [f"not held: {one}" for one in missing]
    print("\n".join(said), file=sys.stderr, end="\n" if said else "")
    return 1 if said else 0


def missed(bounds: Iterable[Bound]) -> list[str]:
    """One sentence for each that was missed."""
    return [said for one in bounds if (said := one.missed()) is not None]
