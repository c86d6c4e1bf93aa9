"""The installed report of a study, as whoever reviews or signs it finds it.

What the approver signed is kept beside the reports, so that a later pack can say what changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from needs.report.blocks import Chapter, read_chapters
from needs.report.chapters import CHAPTERS
from needs.report.manifest import MANIFEST, Manifest
from needs.report.review.sealed import DRAFT, Sealed
from needs.report.review.sign_off import (
    FIGURES,
    MADE_FROM,
    NOTEBOOKS,
    Signature,
    content_of,
    read_signatures,
    sealed_files,
    statement,
)
from needs.report.swap import install
from needs.report.target import target_of
from needs.vocabulary.errors import Fault, RenderError
from needs.vocabulary.study import Study, load_study

__all__ = ["Reviewed", "keep_signed", "reviewed"]


@dataclass(frozen=True)
class Reviewed:
    """A study with its report and who signed it.

    Parameters
    ----------
    study : Study
    folder : Path
        Of the report.
    manifest : Manifest
    content : mapping of str to str
        What a signature locks, as it is now.
    damage : tuple of str
        Files of the report that are missing or were changed after it was made.
    signatures : tuple of Signature
    files : mapping of str to Sealed
        The report's files as they are signed.
    """

    study: Study
    folder: Path
    manifest: Manifest
    content: Mapping[str, str]
    damage: tuple[str, ...]
    signatures: tuple[Signature, ...]
    files: Mapping[str, Sealed]

    @property
    def strays(self) -> tuple[str, ...]:
        """Files in the report's folder that its manifest does not list."""
        return tuple(name for name in self.files if name not in self.manifest.files)

    @property
    def state(self) -> str:
        """What covers should say now."""
        return statement(self.signatures, self.content)

    @property
    def false_covers(self) -> tuple[str, ...]:
        """Files whose cover says that they are signed off, and not as they are."""
        true = "".join(self.state.split())
        return tuple(n for n, f in self.files.items() if any(c != true for c in f.claims))

    @property
    def waiting_covers(self) -> tuple[str, ...]:
        """Files whose cover says draft, although the content is signed off."""
        signed_off = self.state != DRAFT
        return tuple(n for n, f in self.files.items() if signed_off and f.says and not f.claims)

    def chapters(self) -> tuple[Chapter, ...]:
        """Return the executed chapters of the report that this version knows."""
        entries = self.manifest.chapters.items()
        known = [(CHAPTERS[n], self.folder / e.notebook) for n, e in entries if n in CHAPTERS]
        return read_chapters(known)

    @property
    def signed_off(self) -> Signature | None:
        """The approver's signature, whether it still holds or not."""
        return next((s for s in self.signatures if s.role == "approver"), None)

    @property
    def signed_folder(self) -> Path | None:
        """Where the report lies that the approver signed; None where it is not kept here."""
        if self.signed_off is None:
            return None
        folder = _kept(self.folder, self.signed_off)
        return folder if _is_signed(folder, self.signed_off) else None


def reviewed(study_path: str | Path, report: str | Path | None = None) -> Reviewed:
    """Return a study's report for review.

    Parameters
    ----------
    study_path : str or Path
        The ``study.toml`` or its folder.
    report : str or Path, optional
        Folder of the report; the study's own place by default.

    Raises
    ------
    RenderError
        If the study has no report, or one that this version cannot read.
    StudyError
        If study or sign-off file are wrong.
    """
    study = load_study(study_path)
    folder = target_of(study, report)
    manifest = Manifest.read(folder)
    if manifest is None:
        fault = Fault(study.name, "no report that can be read", f"make it: needs run {study.name}")
        raise RenderError("there is nothing to review", [fault])
    files = sealed_files(folder)
    return Reviewed(
        study,
        folder,
        manifest,
        content_of(manifest, folder, files),
        manifest.damage(folder),
        tuple(read_signatures(study.folder)),
        files,
    )


def _kept(folder: Path, signature: Signature) -> Path:
    return folder.parent / ".signed" / folder.name / signature.mark


def _parts(hashes: Mapping[str, str]) -> dict[str, str]:
    """Return the parts of a content that are kept: what it is made from, figures, notebooks."""
    wanted = (MADE_FROM, FIGURES)
    return {p: h for p, h in hashes.items() if p in wanted or p.startswith(NOTEBOOKS)}


def _is_signed(folder: Path, signature: Signature) -> bool:
    """Return whether a folder holds what was signed, and nothing else under its name."""
    manifest = Manifest.read(folder)
    return manifest is not None and content_of(manifest, folder) == _parts(signature.hashes)


def keep_signed(report: Reviewed, signatures: Sequence[Signature]) -> None:
    """Keep manifest, figures and notebooks of what the approver signed; drop what came before.

    A report that has changed since is not what was signed, and is not kept as if it were: a pack
    would hold it against itself.
    """
    approver = next((s for s in signatures if s.role == "approver"), None)
    if approver is None or _parts(approver.hashes) != _parts(report.content):
        return
    kept = _kept(report.folder, approver)
    if not _is_signed(kept, approver):
        aside = kept.parent / f".making-{kept.name}"
        shutil.rmtree(aside, ignore_errors=True)
        (aside / NOTEBOOKS).mkdir(parents=True)
        for part in (MANIFEST, *_parts(report.content)):
            if part != MADE_FROM:
                shutil.copy2(report.folder / part, aside / part)
        install(aside, kept)
    for other in kept.parent.glob("*"):
        if other != kept:
            shutil.rmtree(other, ignore_errors=True)
