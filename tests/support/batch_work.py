"""What workers of a batch do in tests: a module of its own, that their processes can import."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import tiny

from needs.report.batch import tasks
from needs.report.batch.tasks import Done, Task


def run_here(task: Task) -> Done:
    """Run a miniature by copying its notebooks: no kernels, but the whole of a run's writing."""
    project = tiny.Tiny(Path(task.study).parents[2])
    with tiny.installed(project), tiny.copying():
        return tasks.run_one(task)


def dies_once(task: Task) -> Done:
    """Kill the process half-way through a study, the first time that it is begun."""
    mark = Path(task.study).with_name("begun")
    if task.name == "tiny" and "second" in task.study and not mark.exists():
        mark.write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    return run_here(task)


def dies_always(task: Task) -> Done:
    """Kill the process whenever the second study is begun."""
    if "second" in task.study:
        os.kill(os.getpid(), signal.SIGKILL)
    return run_here(task)
