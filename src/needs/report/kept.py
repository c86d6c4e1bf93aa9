"""What is kept between runs and chapters of a study, beside its reports."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from needs.report.chapters import COUNTED, COUNTED_BY, ChapterSpec
from needs.report.content_key import (
    environment_components,
    input_hashes,
    key_of,
    masked_study,
    settings_components,
)
from needs.report.target import default_target
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.study import Study

__all__ = ["KeptFile", "keep_household"]

HOUSEHOLD = ChapterSpec("20", "Household", "", COUNTED, COUNTED_BY)
"""What decides which counts of a study's children are hidden."""


@dataclass(frozen=True)
class KeptFile:
    """The last thing of its kind that was found for a study, with the key it belongs to.

    Parameters
    ----------
    path : Path
    key : str
        Over input files, settings, code and packages: what was kept under another key is not
        used.
    """

    path: Path
    key: str

    @classmethod
    def of(
        cls, study: Study, what: str, spec: ChapterSpec, more: Mapping[str, str] | None = None
    ) -> KeptFile:
        """Return where something of a study is kept, and its key now.

        Parameters
        ----------
        study : Study
        what : str
            Word in the file's name.
        spec : ChapterSpec
            Inputs and settings that it depends on.
        more : mapping of str to str, optional
            Further parts of the key.
        """
        parts = settings_components(masked_study(study, spec)) | dict(more or {})
        hashes = input_hashes(study, [n for n in spec.inputs if study.inputs.patterns(n)])
        parts |= {f"input.{n}/{f}": h for n, files in hashes.items() for f, h in files.items()}
        target = default_target(study)
        path = target.parent / ".runs" / f"{target.name}.{what}.json"
        return cls(path, key_of({**parts, **environment_components()}))

    def load(self) -> str | None:
        """Return what was kept; None where nothing is, or not for this key."""
        try:
            content = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        whole = isinstance(content, dict) and content.get("key") == self.key
        return str(content["found"]) if whole and "found" in content else None

    def save(self, text: str) -> None:
        """Keep a result; where the folder cannot be written, nothing is kept."""
        aside = self.path.with_name(f"{self.path.name}.{os.getpid()}.part")
        with contextlib.suppress(OSError):  # it is a convenience: the next run makes it again
            self.path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(json.dumps({"key": self.key, "found": text}), "utf-8")
            aside.replace(self.path)


def keep_household(data: StudyData) -> None:
    """Let a chapter use what another one decided to hide, and keep what it decides itself.

    Which rows are hidden is kept, and why; no number is.
    """
    if data.study.inputs.patterns("ssda903"):
        data.once(f"{STUDY.name} kept", lambda: KeptFile.of(data.study, "hidden", HOUSEHOLD))
