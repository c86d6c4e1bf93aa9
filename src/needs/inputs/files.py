"""Find a study's input files and hash them; nothing outside the study's folder is opened."""

from __future__ import annotations

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
        One fault for each pattern that matches no file, and for each file that a link
        leads out of the study's folder.
    """
    root = study.folder.resolve()
    found: set[Path] = set()
    faults: list[Fault] = []
    for pattern in study.inputs.patterns(name):
        hits = [p for p in root.glob(pattern) if p.is_file() and not p.name.startswith(".")]
        if not hits:
            mend = f"put the file in the study's folder, or correct inputs.{name}"
            faults.append(Fault(pattern, "no file of that name", mend, column=f"inputs.{name}"))
        for p in hits:
            if root not in p.resolve().parents:
                mend = "copy the file into the study's folder"
                faults.append(Fault(p.name, "a link leads out of the study's folder", mend))
            found.add(p)
    if faults:
        raise InputError(f"input '{name}' cannot be read", faults)
    return tuple(sorted(found, key=lambda p: p.relative_to(root).as_posix()))


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
