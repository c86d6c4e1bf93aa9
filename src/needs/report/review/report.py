"""The installed report of a study, as whoever reviews or signs it finds it.

What the approver signed is kept beside the reports, so that a later pack can say what changed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from needs.report.blocks import Chapter, read_chapters
from needs.report.chapters import CHAPTERS
from needs.report.manifest import MANIFEST, Manifest
from needs.report.review.sign_off import FIGURES, NOTEBOOKS, Signature, content_of, read_signatures
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
    """

    study: Study
    folder: Path
    manifest: Manifest
    content: Mapping[str, str]
    damage: tuple[str, ...]
    signatures: tuple[Signature, ...]

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
        return folder if (folder / MANIFEST).is_file() else None


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
    return Reviewed(
        study,
        folder,
        manifest,
        content_of(manifest, folder),
        manifest.damage(folder),
        tuple(read_signatures(study.folder)),
    )


def _kept(folder: Path, signature: Signature) -> Path:
    mark = re.sub(r"[^0-9a-f]", "", signature.hashes.get("manifest", ""))[:16]
    return folder.parent / ".signed" / folder.name / mark


def keep_signed(report: Reviewed, signatures: Sequence[Signature]) -> None:
    """Keep manifest, figures and notebooks of what the approver signs; drop what came before."""
    approver = next((s for s in signatures if s.role == "approver"), None)
    if approver is None:
        return
    kept = _kept(report.folder, approver)
    for other in kept.parent.glob("*"):
        if other != kept:
            shutil.rmtree(other, ignore_errors=True)
    if kept.exists():
        return
    aside = kept.parent / f".making-{kept.name}"
    shutil.rmtree(aside, ignore_errors=True)
    (aside / NOTEBOOKS).mkdir(parents=True)
    for part in (MANIFEST, FIGURES, *(p for p in report.content if p.startswith(NOTEBOOKS))):
        shutil.copy2(report.folder / part, aside / part)
    aside.rename(kept)
