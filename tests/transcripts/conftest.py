"""`pytest tests/transcripts --rewrite` writes what is told now into the stories, so that the diff is the review."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite", action="store_true", help="write what is told now into the stories")


@pytest.fixture
def is_rewriting(request: pytest.FixtureRequest) -> bool:
    """Whether the stories are written instead of compared."""
    return bool(request.config.getoption("--rewrite", default=False))
