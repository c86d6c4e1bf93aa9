"""Errors that a user can act on, and the exit code of each.

A message says what is wrong, where, and how to mend it. It never holds a value read
from an input: children's records must not reach a terminal or a log. A file's name is shown without
what looks like a child's identifier.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from needs.vocabulary.file_names import shown_name

__all__ = [
    "BatchError",
    "BusyError",
    "ChapterError",
    "DisclosureError",
    "EnvironmentFault",
    "Fault",
    "InputError",
    "InputMissing",
    "ModelError",
    "NeedsError",
    "PdfNotMade",
    "RenderError",
    "SignOffError",
    "StudyError",
]

ROWS_SHOWN = 8


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong with a file that a user gave us.

    Parameters
    ----------
    file : str
        File name relative to the study folder; never an absolute path.
    rule : str
        What the file breaks, in words, without any value read from it.
    mend : str
        What the user does about it.
    column : str
        Column, key or XML element; empty where the fault is of the whole file.
    rows : tuple of int
        Row numbers as a spreadsheet shows them (the header is row 1).
    row_count : int
        How many rows in all; ``rows`` may hold only the first of them.
    """

    file: str
    rule: str
    mend: str
    column: str = ""
    rows: tuple[int, ...] = ()
    row_count: int = 0

    def __str__(self) -> str:
        """Return the fault as one line."""
        file = shown_name(self.file)
        where = f"{file}, {self.column}" if self.column else file
        n = max(self.row_count, len(self.rows))
        shown = ", ".join(str(r) for r in self.rows[:ROWS_SHOWN])
        more = ", …" if n > len(self.rows[:ROWS_SHOWN]) else ""
        rows = f" [{n} row{'s' if n != 1 else ''}: {shown}{more}]" if n else ""
        return f"{where}: {self.rule}{rows}. Mend: {self.mend}"


class NeedsError(Exception):
    """Base of every error that is the user's to mend; printed without a traceback."""

    exit_code = 1

    def __init__(self, message: str, faults: Iterable[Fault] = ()) -> None:
        self.faults = tuple(sorted(faults))
        self.message = message
        super().__init__("\n".join([message, *(f"  {f}" for f in self.faults)]))

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows in place of a traceback: the message alone."""
        return [f"{type(self).__name__}: {self}"]


class StudyError(NeedsError):
    """The study file is wrong: an unknown key, a bad value, a missing section."""

    exit_code = 10


class InputError(NeedsError):
    """An input file cannot be read, or breaks the schema it claims."""

    exit_code = 11


class InputMissing(NeedsError):
    """A result needs an input that this study does not have; the chapter says so."""

    exit_code = 12

    def __init__(self, name: str) -> None:
        self.input_name = name
        super().__init__(f"this study has no input '{name}'")


class ChapterError(NeedsError):
    """A chapter's notebook failed; the partial notebook is kept."""

    exit_code = 13


class RenderError(NeedsError):
    """A report, workbook or table could not be made from the executed chapters."""

    exit_code = 14


class PdfNotMade(NeedsError):
    """HTML and workbook were made, the PDF was not, for want of a browser."""

    exit_code = 15


class DisclosureError(NeedsError):
    """An identifier or a count that may not be released would have been written."""

    exit_code = 16


class EnvironmentFault(NeedsError):
    """Something that `needs` stands on is missing from this machine."""

    exit_code = 17


class BusyError(NeedsError):
    """Another run of the same study is in progress."""

    exit_code = 18


class ModelError(NeedsError):
    """The data are too few or too poor for the analysis asked for."""

    exit_code = 19


class BatchError(NeedsError):
    """Some of the studies of a batch were not done; the summary says why."""

    exit_code = 21


class SignOffError(NeedsError):
    """What was signed off has changed since, or may not be signed yet."""

    exit_code = 23
