"""What a command ends with."""

from __future__ import annotations

import enum


class Status(enum.IntEnum):
    """Exit statuses, the same for every command."""

    DONE = 0
    #: Verified and nothing found, or a label that is damaged or contradicted.
    NOT_FOUND = 1
    USAGE = 2
    SOME_FAILED = 3
    NONE_PROCESSED = 4
    INTERRUPTED = 130
    #: As a shell reports a program ended by SIGPIPE.
    BROKEN_PIPE = 141
    #: As a shell reports a program ended by SIGTERM.
    TERMINATED = 143


class UsageError(Exception):
    """Arguments that each parse and together make no sense."""
