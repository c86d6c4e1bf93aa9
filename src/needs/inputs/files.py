"""Find a study's input files and hash them; nothing outside the study's folder is opened."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from needs.vocabulary.errors import Fault, InputError
from needs.vocabulary.study import Study

__all__ = ["hash_file", "resolve"]


def resolve(study: Study, name: str) -> tuple[Path, ...]:
    """Return the files of an input, sorted by name, each inside the study's folder.

    Parameters
    ----------
    study : Study
        Its ``inputs`` section gives patterns relative to its folder.
    name : str
        Input name, such as ``ssda903``.

    Raises
    ------
    InputError
        One fault for each pattern that is none or matches no file, for each link that leads
        nowhere or out of the study's folder, and for each folder that a pattern names while
        no input reads what lies in it.
    """
    root = study.folder.resolve()
    found: set[Path] = set()
    faults: list[Fault] = []
    for pattern in study.inputs.patterns(name):
        try:
            hits = _hits(root, pattern)
        except (ValueError, NotImplementedError):
            mend = f"correct inputs.{name}: names of folders and files, * for any part of one"
            column = f"inputs.{name}"
            faults.append(Fault(pattern or "study.toml", "no such pattern", mend, column=column))
            continue
        files = {p for p in hits if p.is_file()}
        found |= files
        wrong = _broken_links(root, hits) + _unread_folders(study, name, hits)
        if not files and not wrong:
            mend = f"put the file in the study's folder, or correct inputs.{name}"
            wrong = [Fault(pattern, "no file of that name", mend, column=f"inputs.{name}")]
        faults += wrong
    if faults:
        raise InputError(f"input '{name}' cannot be read", faults)
    return tuple(sorted(found, key=lambda p: p.relative_to(root).as_posix()))


def _hits(root: Path, pattern: str) -> list[Path]:
    """Return what a pattern names; hidden files are nobody's input."""
    return [p for p in root.glob(pattern) if not p.name.startswith(".")]


def _broken_links(root: Path, hits: list[Path]) -> list[Fault]:
    faults = []
    for p in hits:
        where = p.relative_to(root).as_posix()
        if not p.exists():
            mend = "put the file itself there, or take the link away"
            faults.append(Fault(where, "a link leads nowhere", mend))
        elif root not in p.resolve().parents:
            mend = "copy the file into the study's folder"
            faults.append(Fault(where, "a link leads out of the study's folder", mend))
    return faults


def _unread_folders(study: Study, name: str, hits: list[Path]) -> list[Fault]:
    """Return a fault for each folder that a pattern names and whose files no input reads."""
    root = study.folder.resolve()
    folders = [p for p in hits if p.is_dir() and not p.is_symlink()]
    read = _read(study, root) if folders else set()
    faults = []
    for folder in sorted(folders):
        where = folder.relative_to(root)
        inside = {p for p in folder.rglob("*") if p.is_file() and not _hidden(p, folder)}
        if inside and not inside & read:
            mend = f'add "{where.as_posix()}/*" to inputs.{name}, or move the folder elsewhere'
            rule = "this is a folder, and no pattern names the files in it"
            faults.append(Fault(where.as_posix(), rule, mend, column=f"inputs.{name}"))
    return faults


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _read(study: Study, root: Path) -> set[Path]:
    """Return every file that any pattern of the study names."""
    patterns = [p for _, value in study.inputs if isinstance(value, tuple) for p in value]
    read: set[Path] = set()
    for pattern in patterns:
        with contextlib.suppress(ValueError, NotImplementedError):
            read.update(_hits(root, pattern))
    return read


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
