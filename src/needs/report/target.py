"""Where a report lies, and where it may not."""

from __future__ import annotations

from pathlib import Path

from needs.report.manifest import MANIFEST
from needs.vocabulary.errors import RenderError
from needs.vocabulary.study import Study

__all__ = ["default_target", "failed_folder", "near", "target_of"]


def default_target(study: Study) -> Path:
    """Return where a study's report lies: ``reports/`` beside ``analysis/``, else here."""
    parent = study.folder.parent
    root = parent.parent if parent.name == "analysis" else Path.cwd()
    return root / "reports" / study.name


def target_of(study: Study, out: str | Path | None) -> Path:
    """Return the folder of the report, resolved; the one asked for, or the default.

    Raises
    ------
    RenderError
        If replacing it would take somebody's files away.
    """
    target = (default_target(study) if out is None else Path(out)).resolve()
    _guard(target, study)
    return target


def _guard(target: Path, study: Study) -> None:
    """Refuse a target whose replacement would take somebody's files away."""
    if target == study.folder or target in study.folder.parents or study.folder in target.parents:
        raise RenderError("the report cannot be written over its study; give another with --out")
    foreign = target.exists() and not (
        target.is_dir() and ((target / MANIFEST).is_file() or not any(target.iterdir()))
    )
    if foreign:
        raise RenderError(
            f"'{target.name}' exists and is not a report of needs; give another folder with --out"
        )


def failed_folder(target: Path) -> Path:
    """Return where partial notebooks of a failed run are kept."""
    return target.parent / ".failed" / target.name


def near(path: Path) -> str:
    """Return a path as seen from here, where it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here)) if here in path.parents else str(path)
