"""What must hold before anything is written, and before anything is published."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

from needs.assurance.identifiers import Identifiers, refuse
from needs.report.content_key import declared_inputs
from needs.vocabulary.errors import Fault, InputError, InputMissing, NeedsError
from needs.vocabulary.records import StudyData

__all__ = ["check_inputs", "refuse_identifiers"]


def check_inputs(data: StudyData) -> None:
    """Read and check every input that the study declares.

    Raises
    ------
    InputError
        With the faults of all inputs at once.
    """
    faults: list[Fault] = []
    failed: list[InputError] = []
    for name in declared_inputs(data.study):
        try:
            data.read(name)
        except InputMissing:
            continue  # a table of children and no returns: its chapter says so
        except InputError as e:
            failed.append(e)
            faults.extend(e.faults)
    if len(failed) == 1:
        raise failed[0]
    if failed:
        # Whatever joins the returns reads them again, and finds the same.
        raise InputError("inputs cannot be read", dict.fromkeys(faults))


def _identifiers(data: StudyData) -> Identifiers:
    """Return what may not be published: the records' identifiers, where they can be read."""
    if not data.has("ssda903"):
        return Identifiers.of(())
    try:
        return Identifiers.of_records(data.records)
    except NeedsError:
        return Identifiers.of(())


def refuse_identifiers(
    folder: Path, data: StudyData, seen: Collection[Path] = ()
) -> frozenset[Path]:
    """Stop a publication that would hold an identifier of a child.

    Parameters
    ----------
    folder : Path
        What is about to be published; the numbers in its ``figures.csv`` are allowed.
    data : StudyData
        The study's inputs, which know the identifiers.
    seen : collection of Path
        Files that were looked at before, and have not changed since.

    Returns
    -------
    frozenset of Path
        Files that have been looked at, these and those.

    Raises
    ------
    DisclosureError
        With a fault for each file and kind of identifier; never the identifier itself.
    """
    figures = folder / "figures.csv"
    allowed: set[str] = set()
    if figures.is_file():
        with figures.open(encoding="utf-8-sig", newline="") as f:
            allowed = {row.get("value") or "" for row in csv.DictReader(f)}
    files = frozenset(p for p in folder.rglob("*") if p.is_file())
    refuse(folder, _identifiers(data), allowed, sorted(files.difference(seen)))
    return files.union(seen)
