"""The reader of SSDA903: from a study's files to checked records."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from needs.inputs.files import resolve
from needs.inputs.ssda903 import quality
from needs.inputs.ssda903.assemble import assemble
from needs.inputs.ssda903.copies import place_once, told_of
from needs.inputs.ssda903.csv_files import read_csv
from needs.inputs.ssda903.duplicates import contradictions, set_aside
from needs.inputs.ssda903.extracts import vintages_of
from needs.inputs.ssda903.known import keeper
from needs.inputs.ssda903.parts import Part, parse_table
from needs.inputs.ssda903.raw import RawReturns
from needs.inputs.ssda903.records import to_records
from needs.inputs.ssda903.text import decode
from needs.inputs.ssda903.xml_files import read_xml
from needs.vocabulary.errors import Fault, InputError, InputMissing
from needs.vocabulary.records import Records
from needs.vocabulary.study import Study

__all__ = ["read", "read_raw"]


def read(study: Study) -> Records:
    """Read, check and reconcile every return of a study.

    Parameters
    ----------
    study : Study
        ``inputs.ssda903`` names the files; ``quality`` says when faults stop the run.

    Returns
    -------
    Records
        The same for the same records as CSV or XML, in one file or several, in any
        order, once or twice (but for what ``returns`` says of files).

    Raises
    ------
    InputError
        Every fault of every file at once: file, column, rule, row numbers and mend, never
        a value.
    """
    raw = read_raw(study)
    outcome = quality.apply(raw, study)
    records = to_records(raw, outcome.raw, outcome.findings)
    return replace(records, as_known=keeper(raw, outcome.raw))


def read_raw(study: Study) -> RawReturns:
    """Return every row of every return as read, tied to its year.

    Raises
    ------
    InputError
        As :func:`read`.
    InputMissing
        Where the study names no returns.
    """
    if not study.inputs.ssda903:
        raise InputMissing("ssda903")
    root = study.folder.resolve()
    paths = {p.relative_to(root).as_posix(): p for p in resolve(study, "ssda903")}
    files: dict[str, list[Part]] = {}
    faults: list[Fault] = []
    for name, path in paths.items():
        files[name], wrong = _read_file(path, name, study.quality.max_invalid_share)
        faults += wrong
    _stop(faults)
    files, placed, copies, faults = place_once(files, study.inputs)
    _stop(faults)
    vintages, faults = vintages_of(files, placed, study)
    _stop(faults)
    latest = {v.year: v for v in vintages}
    raw = assemble(files, [*latest.values()])
    _stop(contradictions(raw, study.quality.max_duplicate_share))
    raw = set_aside(raw, files, [v for v in vintages if latest[v.year] is not v], latest)
    return replace(raw, returns=told_of(copies, placed, raw.returns))


def _stop(faults: list[Fault]) -> None:
    if faults:
        raise InputError("the SSDA903 returns cannot be used as they are", faults)


def _read_file(path: Path, name: str, share: float) -> tuple[list[Part], list[Fault]]:
    try:
        data = decode(path.read_bytes(), name)
    except OSError:
        return [], [Fault(name, "the file cannot be opened", "close it elsewhere, or give access")]
    if isinstance(data, Fault):
        return [], [data]
    is_xml = data.lstrip()[:1] == b"<"
    read = read_xml(data, name) if is_xml else read_csv(data, name)
    if isinstance(read, Fault):
        return [], [read]
    parts, faults = [], []
    for table in read if isinstance(read, list) else [read]:
        part, wrong = parse_table(table, share)
        faults += wrong
        parts += [part] if part else []
    return parts, faults
