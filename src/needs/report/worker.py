"""Processes that execute notebooks: one line of JSON in, one line of JSON out.

A worker ends when its input ends, so that it never outlives the run that started it,
however that run ended; a kernel ends when its worker has.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from needs.report.execute import Failure, Job, environment, execute, kill_kernels, quick_imports

__all__ = ["Answer", "execute_all", "peak_memory", "serve"]

SCRATCH = "needs-kernels-"


@dataclass(frozen=True, slots=True)
class Answer:
    """How a job went: its failure, where there was one, seconds, and peak memory in MiB."""

    failure: Failure | None
    seconds: float
    peak_mib: float


def peak_memory() -> float:
    """Return the peak memory of this process or the largest that it has waited for, in MiB.

    0 on systems that do not tell.
    """
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return 0.0
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = max(resource.getrusage(w).ru_maxrss for w in who)
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def _scratch() -> Path:
    """Return a new private folder for sockets; those of processes long dead are removed.

    A kernel that was killed while it started can leave one behind. They hold no data.
    """
    if sys.platform != "win32":
        for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*-*"):
            owner = folder.name.removeprefix(SCRATCH).partition("-")[0]
            if owner.isdecimal() and not _alive(int(owner)):
                shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-"))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def serve() -> None:
    """Answer jobs from standard input until it ends."""
    import time  # noqa: PLC0415

    scratch = _scratch()
    os.environ.update(environment(scratch))
    os.environ.pop("PYTHONSTARTUP", None)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not reach the answers
    jobs: queue.Queue[Job] = queue.Queue()

    def listen() -> None:
        for line in sys.stdin:
            jobs.put(Job(**json.loads(line)))
        kill_kernels()
        shutil.rmtree(scratch, ignore_errors=True)
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    with quick_imports():
        import papermill  # noqa: F401, PLC0415
    while True:
        job = jobs.get()
        began = time.perf_counter()
        failure = execute(job, scratch)
        answer = Answer(failure, time.perf_counter() - began, peak_memory())
        answers.write(json.dumps(asdict(answer)) + "\n")
        answers.flush()


def _start() -> subprocess.Popen[str]:
    code = "from needs.report.worker import serve; serve()"
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONHASHSEED": "0"},
        start_new_session=True,  # an interrupt goes to the run, which ends its workers
    )


def _ask(worker: subprocess.Popen[str], job: Job) -> Answer:
    """Give a job to a worker and wait; a worker that dies is a failure of the job."""
    line = ""
    if worker.stdin and worker.stdout:
        try:
            worker.stdin.write(json.dumps(asdict(job)) + "\n")
            worker.stdin.flush()
            line = worker.stdout.readline()
        except (OSError, ValueError):  # ended, or closed by an interrupt
            line = ""
    if not line:
        words = "the process that runs notebooks ended; too little memory is the likeliest cause"
        return Answer(Failure(0, "", "WorkerDied", words), 0.0, 0.0)
    raw = json.loads(line)
    failure = Failure(**raw["failure"]) if raw["failure"] else None
    return Answer(failure, raw["seconds"], raw["peak_mib"])


@contextmanager
def _workers(n: int) -> Iterator[queue.Queue[subprocess.Popen[str]]]:
    """Start workers; on leaving, close their input, which ends them."""
    started = [_start() for _ in range(n)]
    idle: queue.Queue[subprocess.Popen[str]] = queue.Queue()
    for worker in started:
        idle.put(worker)
    try:
        yield idle
    finally:
        for worker in started:
            if worker.stdin:
                worker.stdin.close()
        for worker in started:
            try:
                worker.wait(timeout=5)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
            if worker.stdout:
                worker.stdout.close()


def execute_all(
    jobs: Sequence[Job],
    processes: int,
    on_answer: Callable[[int, Answer], None],
) -> list[Answer | None]:
    """Execute notebooks, ``processes`` at a time; after a failure no further one is begun.

    Parameters
    ----------
    jobs : sequence of Job
        In the order of the report.
    processes : int
        How many at a time, at least 1.
    on_answer : callable
        Told position and answer as each ends.

    Returns
    -------
    list of Answer or None
        One for each job; None for those not begun.
    """
    answers: list[Answer | None] = [None] * len(jobs)
    failed = threading.Event()

    def one(position: int) -> None:
        worker = idle.get()
        try:
            if not failed.is_set():
                answer = _ask(worker, jobs[position])
                answers[position] = answer
                if answer.failure:
                    failed.set()
                on_answer(position, answer)
        finally:
            idle.put(worker)

    n = max(1, min(processes, len(jobs)))
    with ThreadPoolExecutor(n) as pool, _workers(n) as idle:
        list(pool.map(one, range(len(jobs))))
    return answers
