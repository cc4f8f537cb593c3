"""What a command says when it cannot go on: one sentence and a way out, and the exit code that belongs to it.

Exit codes of `seinhuis`: 0 done · 1 a finding, or it failed · 2 used wrongly · 3 no broker answers · 4 a process died.
"""

from __future__ import annotations


class CliError(Exception):
    """A finding, or a failure the user can do something about."""

    exit_code = 1


class UsedWrongly(CliError):
    """The command or its configuration cannot be carried out as it was asked."""

    exit_code = 2


class Unreachable(CliError):
    """No broker answers."""

    exit_code = 3


class ProcessDied(CliError):
    """A process could not be started, or ended when it should not."""

    exit_code = 4
