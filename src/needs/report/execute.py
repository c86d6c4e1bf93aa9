"""Execute one chapter's notebook, in a kernel of this very environment.

The kernel is always ``sys.executable``'s, whatever kernelspecs a machine has under the same
name. It talks over sockets in a private folder: a kernel on a port of the machine would
send a council's records where its other users can listen.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from needs.report.content_key import PACKAGE
from needs.report.normalise import normalise, places
from needs.vocabulary import errors

__all__ = [
    "Failure",
    "Job",
    "environment",
    "execute",
    "kill_kernels",
    "notebooks_folder",
    "quick_imports",
]

KERNEL_START_SECONDS = 120

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
_OURS: dict[str, int] = {
    kind.__name__: kind.exit_code
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.NeedsError)
}

_started: list[Any] = []
"""Managers of the kernels that this process has started."""


@dataclass(frozen=True, slots=True)
class Job:
    """A notebook to execute.

    Parameters
    ----------
    notebook, output : str
        Paths of the source and of the executed notebook.
    study : str
        Absolute path of the study file: the one parameter.
    shown_path : str
        What the executed notebook shows in its place.
    """

    notebook: str
    output: str
    study: str
    shown_path: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a notebook stopped, in words that hold no value of any input.

    ``kind`` is the name of the exception; ``exit_code`` that of a ``NeedsError``, else 0.
    """

    cell: int
    source: str
    kind: str
    message: str
    exit_code: int = 0


def notebooks_folder() -> Path:
    """Return the folder of the chapters: the checkout's, or the copy inside the package."""
    checkout = PACKAGE.parents[1] / "notebooks"
    return checkout if checkout.is_dir() else PACKAGE / "_notebooks"


def environment(scratch: Path) -> dict[str, str]:
    """Return the environment of a worker and its kernels: the machine's, with the fixed parts.

    Threads are one a process unless the caller has set them: small matrices gain nothing
    from more, and two chapters at once would fight for cores.
    """
    fixed = {
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "NO_COLOR": "1",
        "IPYTHONDIR": str(scratch / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(scratch),
        "JUPYTER_CONFIG_DIR": str(scratch / "config"),
    }
    threads = {name: os.environ.get(name, "1") for name in _THREADS}
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONSTARTUP"}
    return {**kept, **threads, **fixed}


@contextmanager
def quick_imports() -> Iterator[None]:
    """Import without ``rfc3987_syntax``: it builds a grammar for two seconds.

    ``jsonschema`` takes it for checking internationalised addresses, where it is installed;
    no notebook has any.
    """
    name = "rfc3987_syntax"
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


def _kernel_manager(scratch: Path, number: int) -> type:
    """Return a manager of kernels of this interpreter, on private sockets."""
    from jupyter_client.kernelspec import KernelSpecManager  # noqa: PLC0415
    from jupyter_client.manager import AsyncKernelManager  # noqa: PLC0415
    from traitlets import default  # noqa: PLC0415

    class OwnKernel(AsyncKernelManager):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            _started.append(self)

        @default("kernel_spec_manager")
        def _specs(self) -> Any:
            # Without folders to look in, only the running interpreter's own spec is left.
            return KernelSpecManager(parent=self, kernel_dirs=[])

        @default("connection_file")
        def _file(self) -> str:
            return str(scratch / f"k{number}.json")

    if sys.platform != "win32":
        OwnKernel.transport.default_value = "ipc"
    return OwnKernel


def kill_kernels() -> None:
    """End every kernel of this process at once: for a process that is about to end itself."""
    for manager in _started:
        process = getattr(manager.provisioner, "process", None)
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()


def _papermill(job: Job, scratch: Path, attempt: int) -> None:
    """Run the notebook; it is saved at its end, also where a cell fails or the kernel dies."""
    with quick_imports():
        import papermill  # noqa: PLC0415
        from papermill.engines import NBClientEngine, papermill_engines  # noqa: PLC0415

    class SavedOnce(NBClientEngine):  # type: ignore[misc]
        """Papermill writes a notebook twice a cell: with tables in it, half of the time."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> None:
            save, nb_man.save = nb_man.save, lambda **_: None
            try:
                super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
            finally:
                nb_man.save = save

    papermill_engines.register("saved_once", SavedOnce)
    logging.getLogger("papermill").setLevel(logging.ERROR)
    papermill.execute_notebook(
        job.notebook,
        job.output,
        {"study": job.study},
        engine_name="saved_once",
        kernel_name="python3",
        language="python",
        progress_bar=False,
        start_timeout=KERNEL_START_SECONDS,
        record_timing=False,
        kernel_manager_class=_kernel_manager(scratch, attempt),
        shutdown_kernel="immediate",
        extra_arguments=["--HistoryManager.enabled=False"],
        resources={"metadata": {"path": str(Path(job.notebook).parent)}},
    )


def _died_at_start(nb: Any) -> bool:
    cells = nb["cells"] if nb else []
    return not any(c["metadata"].get("papermill", {}).get("start_time") for c in cells)


def _first_line(cell: Any) -> str:
    return str(cell["source"]).strip().partition("\n")[0]


def _stopped_at(nb: Any, error: Exception) -> Failure:
    """Return which cell of a partial notebook stopped it, and why."""
    for number, cell in enumerate(nb["cells"] if nb else (), 1):
        source = _first_line(cell)
        for output in cell.get("outputs", ()):
            if output["output_type"] != "error":
                continue
            kind = output["ename"]
            if kind in _OURS:
                return Failure(number, source, kind, output["evalue"], _OURS[kind])
            place = [p for p in places(output["traceback"]) if not p.startswith("Cell")]
            where = f" in {place[-1]}" if place else ""
            return Failure(number, source, kind, f"{kind}{where}")
    begun = [
        (n, _first_line(c))
        for n, c in enumerate(nb["cells"] if nb else (), 1)
        if c["metadata"].get("papermill", {}).get("start_time")
    ]
    if not begun:
        return Failure(0, "", type(error).__name__, "the notebook's process did not start")
    words = "the notebook's process died; too little memory is the likeliest cause"
    return Failure(*begun[-1], type(error).__name__, words)


def _read(path: str) -> Any:
    import nbformat  # noqa: PLC0415

    if not Path(path).is_file():
        return None
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def execute(job: Job, scratch: Path) -> Failure | None:
    """Execute a notebook and write it, cleaned, with what it showed until it ended.

    Parameters
    ----------
    job : Job
        What to run and where to write.
    scratch : Path
        Private folder for sockets; its path is short.

    Returns
    -------
    Failure or None
        Why it stopped before its end; None when it did not.
    """
    failure: Failure | None = None
    for attempt in (1, 2):
        try:
            _papermill(job, scratch, attempt)
        except Exception as error:  # whatever stops a notebook is told, never raised
            nb = _read(job.output)
            if attempt == 1 and _died_at_start(nb):
                continue  # a kernel that did not come up gets a second chance
            failure = _stopped_at(_without_markers(nb), error)
        break
    nb = _read(job.output)
    if nb is not None:
        import nbformat  # noqa: PLC0415

        clean = normalise(nb, job.shown_path, tuple(_OURS))
        text: str = nbformat.writes(clean)  # type: ignore[no-untyped-call]
        Path(job.output).write_text(text.rstrip("\n") + "\n", "utf-8")
    return failure


def _without_markers(nb: Any) -> Any:
    """Leave out the banner cells that papermill adds, so that cells keep their numbers."""
    if nb is not None:
        tag = "papermill-error-cell-tag"
        nb["cells"] = [c for c in nb["cells"] if tag not in c["metadata"].get("tags", ())]
    return nb
