"""From executed chapters to a staged report that says who signed it, and holds no identifier."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from needs.report.execute import quick_imports
from needs.report.manifest import Manifest
from needs.report.plan import Plan, Request
from needs.report.progress import Progress, steps
from needs.report.review.sign_off import DRAFT, content_of, lapses, read_signatures, statement

if TYPE_CHECKING:
    from needs.report.publish import PublishOutcome
    from needs.vocabulary.records import StudyData

__all__ = ["Making", "import_ahead", "listed", "publish_signed"]


@dataclass(frozen=True, slots=True)
class Making:
    """What a report is made from, and where.

    Parameters
    ----------
    request : Request
    plan : Plan
    staging : Path
        Folder that is written into.
    manifest : Manifest
        Of the chapters that lie there.
    progress : Progress
    opened : callable
        Returns the study's data.
    """

    request: Request
    plan: Plan
    staging: Path
    manifest: Manifest
    progress: Progress
    opened: Callable[[], StudyData]


def publish_signed(made: Making) -> str:
    """Publish with covers that say who signed this content off.

    What the files hold is known when they are made. Where it is not what was signed, they are
    made again, as a draft.

    Returns
    -------
    str
        Why the PDF was not made, or nothing.
    """
    signatures = read_signatures(made.request.study.folder)
    said = statement(signatures, content_of(made.manifest, made.staging), published=False)
    problem = _publish(made, said)
    if said != DRAFT:
        content = content_of(made.manifest, made.staging)
        if statement(signatures, content) != said:
            approver = next(s for s in signatures if s.role == "approver")
            others = listed(lapses(approver, signatures, content))
            made.progress.note(f"a draft again, since not all is as it was signed: {others}")
            problem = _publish(made, DRAFT)
    return problem


def _publish(made: Making, sign_off: str) -> str:
    """Write everything made from the chapters; return why the PDF was not made, or nothing."""
    staging, request = made.staging, made.request
    seen: set[Path] = set()

    def look() -> None:
        """Look for identifiers in what is written, while PDFs are printed and the front waits."""
        begin("looking for identifiers")
        later = {*staging.glob("*.pdf"), staging / "index.html"}
        seen.update(_refuse_identifiers(made, later) - later)

    with steps(made.progress) as begin:
        begin("reading executed chapters")
        publish = _publisher()
        notebooks = [(c.spec, staging / c.entry.notebook) for c in made.plan.chapters]
        outcome = publish(
            staging, request.study, notebooks,
            pdf=request.pdf, progress=begin, sign_off=sign_off, meanwhile=look,
        )  # fmt: skip
        begin("looking for identifiers in what was printed")
        _refuse_identifiers(made, seen)
    return outcome.pdf_problem


def _refuse_identifiers(made: Making, seen: set[Path]) -> frozenset[Path]:
    from needs.report.guard import refuse_identifiers  # noqa: PLC0415

    return refuse_identifiers(made.staging, made.opened(), seen)


def listed(reasons: Sequence[str], shown: int = 3) -> str:
    """Return the first reasons as words, and how many more there are."""
    more = f" and {len(reasons) - shown} more" if len(reasons) > shown else ""
    return "; ".join(reasons[:shown]) + more


def _publisher() -> Callable[..., PublishOutcome]:
    with quick_imports():
        from needs.report.publish import publish  # noqa: PLC0415

    return publish


def import_ahead() -> None:
    """Import what publishing needs, while there is time."""
    with contextlib.suppress(Exception):  # it is told when publishing asks for it again
        _publisher()
