"""Say what a run is doing: one line a step, with how long it took.

A writer takes a :class:`Progress` and does not care who listens: a terminal, a log or nobody.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import IO, Protocol

__all__ = ["LineProgress", "Progress", "Silent", "TerminalProgress", "progress_for", "steps"]


class Progress(Protocol):
    """What a long piece of work tells whoever waits for it."""

    def step(self, text: str) -> AbstractContextManager[None]:
        """Return a context that covers one step of the work; ``text`` says which."""
        ...

    def note(self, text: str) -> None:
        """Say something that is not a step of its own: a reason, a finding."""
        ...


class Silent:
    """Says nothing: for tests and for callers that do not wait."""

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Cover a step without a word."""
        del text
        yield

    def note(self, text: str) -> None:
        """Say nothing."""


def _took(seconds: float) -> str:
    return f"{seconds:.1f} s"


class LineProgress:
    """Plain lines, for logs and pipes: each step when it is done or has failed."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def _line(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Print the step with its duration when it ends."""
        began = time.perf_counter()
        try:
            yield
        except BaseException:
            self._line(f"{text}: failed after {_took(time.perf_counter() - began)}")
            raise
        self._line(f"{text}: {_took(time.perf_counter() - began)}")

    def note(self, text: str) -> None:
        """Print the note."""
        self._line(text)


class TerminalProgress:
    """A terminal: a spinner while a step runs, its line when it is done."""

    def __init__(self, stream: IO[str]) -> None:
        from rich.console import Console  # noqa: PLC0415

        self._console = Console(file=stream, highlight=False)

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Spin while the step runs, then leave its line and duration."""
        from rich.markup import escape  # noqa: PLC0415

        began = time.perf_counter()
        try:
            with self._console.status(escape(text)):
                yield
        except BaseException:
            took = _took(time.perf_counter() - began)
            self._console.print(f"[red]✗[/] {escape(text)} [dim]failed after {took}[/]")
            raise
        took = _took(time.perf_counter() - began)
        self._console.print(f"[green]✓[/] {escape(text)} [dim]{took}[/]")

    def note(self, text: str) -> None:
        """Print the note."""
        self._console.print(f"  {text}", markup=False)


def progress_for(stream: IO[str]) -> Progress:
    """Return the progress that suits a stream: spinners on a terminal, else plain lines."""
    return TerminalProgress(stream) if stream.isatty() else LineProgress(stream)


@contextmanager
def steps(progress: Progress) -> Iterator[Callable[[str], None]]:
    """Yield a function that begins a step and ends the one before it.

    For work that only says, line by line, what it does next.
    """
    current = ExitStack()

    def begin(text: str) -> None:
        current.close()
        current.enter_context(progress.step(text))

    with ExitStack() as last:
        last.push(current.__exit__)
        yield begin
