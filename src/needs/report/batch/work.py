"""Workers for a batch: processes of this machine, or a Dask cluster where one is too small.

joblib hands the same work to either. A worker that dies takes its study with it, not the batch: the
study is begun again, as often as :data:`TRIES`; reports are replaced whole, so that a half is never
left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from needs.report.batch.tasks import Done, Task, run_one
from needs.vocabulary.errors import EnvironmentFault

__all__ = ["TRIES", "run_tasks"]

TRIES = 3
"""Times that a study is begun when the process that runs it dies."""
DIED = "the process that ran it ended, each time; too little memory is the likeliest cause"
UNFORESEEN = 1
ANSWERS = 5
"""Seconds that a scheduler has to answer."""
WAIT = 30
"""Seconds that a cluster has to show a worker."""


def run_tasks(
    tasks: Sequence[Task],
    workers: int,
    scheduler: str | None = None,
    told: Callable[[Done], None] = lambda _: None,
    one: Callable[[Task], Done] = run_one,
) -> list[Done]:
    """Run the tasks of a batch.

    Parameters
    ----------
    tasks : sequence of Task
    workers : int
        Studies at a time on this machine; a cluster decides by itself.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://10.0.0.5:8786``.
    told : callable
        Told of each study as it ends.
    one : callable
        What is done with a task.

    Returns
    -------
    list of Done
        In the order of the tasks.

    Raises
    ------
    EnvironmentFault
        If Dask is not installed, or no scheduler answers.
    """
    done: dict[str, Done] = {}
    with _backend(workers, scheduler) as options:
        for n in range(TRIES):
            left = [t for t in tasks if t.out not in done]
            # One that dies may take down those beside it, which are not at fault: they are begun
            # again one at a time.
            for together in [left] if n == 0 else [[t] for t in left]:
                for task, made in _parallel(together, options, one):
                    done[task.out] = made
                    told(made)
    for task in tasks:
        if task.out not in done:
            done[task.out] = Done(task.name, "", "", UNFORESEEN, DIED)
            told(done[task.out])
    return [done[t.out] for t in tasks]


def _parallel(
    tasks: Sequence[Task], options: dict[str, Any], one: Callable[[Task], Done]
) -> Iterator[tuple[Task, Done]]:
    """Yield each task with how it went, as it ends; those whose worker died are not there."""
    from joblib import Parallel, delayed  # noqa: PLC0415 - slow

    pool = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="all", **options)
    with suppress(*_deaths()):
        yield from pool(delayed(_pair)(t, one) for t in tasks)


def _pair(task: Task, one: Callable[[Task], Done]) -> tuple[Task, Done]:
    return task, one(task)


def _deaths() -> tuple[type[BaseException], ...]:
    """Return what is raised when a worker dies."""
    from joblib.externals.loky.process_executor import (  # noqa: PLC0415
        BrokenProcessPool,
        TerminatedWorkerError,
    )

    found: list[type[BaseException]] = [BrokenProcessPool, TerminatedWorkerError]
    with suppress(ModuleNotFoundError):
        from distributed.scheduler import KilledWorker  # noqa: PLC0415

        found.append(KilledWorker)
    return tuple(found)


@contextmanager
def _backend(workers: int, scheduler: str | None) -> Iterator[dict[str, Any]]:
    """Give joblib its workers while the batch lasts."""
    if scheduler is None:
        # One alone would be this very process, which nothing could begin again.
        yield {"n_jobs": max(workers, 2), "backend": "loky"}
        return
    try:
        from distributed import Client  # noqa: PLC0415
    except ModuleNotFoundError:
        mend = 'install it with: pip install "needs[cluster]"'
        fault = f"--scheduler hands work to Dask, which is not installed. Mend: {mend}"
        raise EnvironmentFault(fault) from None
    try:
        client = Client(scheduler, timeout=ANSWERS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        words = f"no Dask scheduler answers at {scheduler}. Mend: start one with `dask scheduler`"
        raise EnvironmentFault(words) from error
    try:
        client.wait_for_workers(1, timeout=WAIT)
        yield {"n_jobs": -1, "backend": _cluster(client)}
    except TimeoutError as error:
        words = f"the Dask scheduler at {scheduler} has no worker. Mend: start `dask worker`"
        raise EnvironmentFault(words) from error
    finally:
        client.close()  # type: ignore[no-untyped-call]


def _cluster(client: Any) -> Any:
    """Return joblib's backend for a cluster, which never works in this very process."""
    from joblib._dask import DaskDistributedBackend  # noqa: PLC0415 - joblib has no other door

    class Cluster(DaskDistributedBackend):  # type: ignore[misc]  # it has no types
        def effective_n_jobs(self, n_jobs: int) -> int:
            # For one worker joblib would do the work here.
            return max(int(super().effective_n_jobs(n_jobs)), 2)

    return Cluster(client=client)
