"""The loop over many files: one that fails does not stop the rest."""

from __future__ import annotations

from collections.abc import Callable

from genlabel import GenlabelError
from genlabel_cli._console import Progress, complain, say
from genlabel_cli._inputs import Source
from genlabel_cli._status import Status


def for_each(sources: list[Source], work: Callable[[Source], Status]) -> Status:
    """Process every input and sum up how it went.

    Parameters
    ----------
    sources : list of Source
        The inputs.
    work : callable
        Processes one of them and tells `Status.DONE` or `Status.NOT_FOUND`.

    Returns
    -------
    Status
        ``NONE_PROCESSED`` or ``SOME_FAILED`` where files failed; otherwise ``NOT_FOUND`` if `work`
        said so of any.
    """
    failed = 0
    worst = Status.DONE
    with Progress(len(sources)) as progress:
        for number, source in enumerate(sources, 1):
            progress.show(number, source.name)
            if source.problem is not None:
                say(f"{source.name}: {source.problem}")
                failed += 1
                continue
            try:
                status = work(source)
            except BrokenPipeError:
                # Nobody reads the results any more: no file's fault.
                raise
            except (GenlabelError, OSError) as error:
                complain(error, source.name)
                failed += 1
            else:
                worst = max(worst, status)
    if failed == len(sources):
        return Status.NONE_PROCESSED
    return Status.SOME_FAILED if failed else worst
