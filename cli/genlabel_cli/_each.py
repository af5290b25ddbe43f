"""The loop over many files: one that fails does not stop the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from genlabel import GenlabelError
from genlabel_cli._console import Progress, complain, say
from genlabel_cli._inputs import Source
from genlabel_cli._results import Results
from genlabel_cli._status import Status


class Outcome(NamedTuple):
    """What came of one file.

    Parameters
    ----------
    record : mapping
        The result, in plain JSON types.
    text : callable
        Makes the same for people.
    status : Status
        ``DONE`` or ``NOT_FOUND``.
    """

    record: Mapping[str, Any]
    text: Callable[[], str]
    status: Status = Status.DONE


def for_each(
    sources: list[Source], work: Callable[[Source, Progress], Outcome], results: Results
) -> Status:
    """Process every input, print what came of it, and sum up.

    Parameters
    ----------
    sources : list of Source
        The inputs.
    work : callable
        Processes one of them; it may tell how far it is.
    results : Results
        Where results are printed.

    Returns
    -------
    Status
        ``NONE_PROCESSED`` or ``SOME_FAILED`` where files failed; otherwise ``NOT_FOUND`` if `work`
        said so of any.
    """
    failed = 0
    worst = Status.DONE
    with results, Progress(len(sources)) as progress:
        for number, source in enumerate(sources, 1):
            progress.show(number, source.name)
            if source.problem is not None:
                say(f"{source.name}: {source.problem}")
                failed += 1
                continue
            try:
                outcome = work(source, progress)
                progress.clear()
                results.add(outcome.record, outcome.text)
            except BrokenPipeError:
                # Nobody reads the results any more: no file's fault.
                raise
            except (GenlabelError, OSError) as error:
                complain(error, source.name)
                failed += 1
            else:
                worst = max(worst, outcome.status)
    if failed == len(sources):
        return Status.NONE_PROCESSED
    return Status.SOME_FAILED if failed else worst
