"""What a report was made from: versions, settings, hashes. No time, no machine.

Two runs of one study on one machine write the same manifest. Times and memory are in
``.runs/<study>.json`` beside the report.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from needs import __version__
from needs.inputs.files import hash_file
from needs.report.content_key import PACKAGE, package_versions, python_version
from needs.vocabulary.study import Study

__all__ = ["MANIFEST", "ChapterEntry", "Manifest", "file_hashes", "git_state"]

MANIFEST = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class ChapterEntry:
    """One executed chapter: its notebook in the report, its key, and the key's parts."""

    notebook: str
    key: str
    components: Mapping[str, str]


def git_state() -> dict[str, Any]:
    """Return commit and whether code or notebooks differ from it; empty without a checkout."""
    root = PACKAGE.parents[1]
    if not (root / ".git").exists():
        return {}

    def git(*words: str) -> str:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(root), *words],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", "src", "notebooks", "pyproject.toml")
        return {"id": git("rev-parse", "HEAD"), "dirty": bool(changed)}
    except (OSError, subprocess.CalledProcessError):
        return {}


def file_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a report but its manifest, by relative name."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p != folder / MANIFEST)
    return {p.relative_to(folder).as_posix(): hash_file(p) for p in files}


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of ``manifest.json``.

    Parameters
    ----------
    study : mapping
        Name and all settings of the study.
    inputs : mapping
        Input name -> file -> SHA-256.
    checked : str
        Hash over all that decided whether the inputs could be read.
    chapters : mapping of str to ChapterEntry
        Chapter number -> how it was made.
    publish : mapping of str to str
        Parts of the key of everything made from the chapters.
    pdf : mapping
        ``made`` (bool) and ``reason`` where it was not.
    files : mapping of str to str
        Every other file of the report -> SHA-256.
    """

    study: Mapping[str, Any]
    inputs: Mapping[str, Mapping[str, str]]
    checked: str
    chapters: Mapping[str, ChapterEntry]
    publish: Mapping[str, str]
    pdf: Mapping[str, Any]
    files: Mapping[str, str]
    seed: int
    needs: str = __version__
    commit: Mapping[str, Any] = field(default_factory=git_state)
    python: str = field(default_factory=python_version)
    packages: Mapping[str, str] = field(default_factory=package_versions)
    format: int = FORMAT

    @classmethod
    def describe(cls, study: Study, folder: Path, **parts: Any) -> Manifest:
        """Return the manifest of the report staged in ``folder``."""
        settings = study.model_dump(mode="json")
        return cls(
            study={"name": study.name, "settings": settings},
            seed=study.seed,
            files=file_hashes(folder),
            **parts,
        )

    def write(self, folder: Path) -> None:
        """Write ``manifest.json``: the last file of a report to be written."""
        text = json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False)
        (folder / MANIFEST).write_text(f"{text}\n", "utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """Return the manifest of a report; None where there is none, or none we can read."""
        try:
            raw = json.loads((folder / MANIFEST).read_text("utf-8"))
            if raw["format"] != FORMAT:
                return None
            raw["chapters"] = {k: ChapterEntry(**v) for k, v in raw["chapters"].items()}
            return cls(**raw)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def other_versions(self) -> tuple[str, ...]:
        """Return which versions differ from the ones this report was made with, in words."""
        then = {"Python": self.python, **self.packages}
        now = {"Python": python_version(), **package_versions()}
        differing = sorted(k for k in {*then, *now} if then.get(k) != now.get(k))
        return tuple(f"{k} {then.get(k, 'absent')} → {now.get(k, 'absent')}" for k in differing)

    def damage(self, folder: Path) -> tuple[str, ...]:
        """Return the files of the report that are missing or changed, sorted."""
        found = file_hashes(folder)
        return tuple(n for n in sorted(self.files) if found.get(n) != self.files[n])
