"""Two reports compared: each shared figure with its change, a verdict and a cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from needs.report.compare.noise import Verdict, verdicts
from needs.report.compare.pairs import CHANGED, Pair, Pairs, pairs_of
from needs.report.compare.read import Printed, read_report
from needs.report.compare.why import Cause, causes
from needs.vocabulary.errors import Fault, RenderError
from needs.vocabulary.units import UNITS, printed

__all__ = ["Comparison", "Line", "compare", "compare_printed"]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of two reports.

    Parameters
    ----------
    pair : Pair
    called : str
        What the later report calls it.
    verdict : Verdict
    cause : Cause
    """

    pair: Pair
    called: str
    verdict: Verdict
    cause: Cause

    @property
    def now(self) -> str:
        """The later number as printed, with an r where it is restated."""
        text = self.pair.now.printed
        return text if self.pair.kind != "restated" or text.endswith(" r") else f"{text} r"

    @property
    def change_unit(self) -> str:
        """The unit of the change: percentage points where shares are compared."""
        unit = self.pair.now.unit
        return "points" if UNITS[unit].suffix == "%" else unit

    @property
    def change(self) -> str:
        """The change as printed; empty where there is none to print."""
        found = self.pair.change
        return "" if found is None else printed(float(found), self.change_unit)

    @property
    def change_pct(self) -> str:
        """The change in per cent as printed; empty where there is none to print."""
        found = self.pair.change_pct
        return "" if found is None else printed(float(found), "percent1")

    @property
    def why(self) -> str:
        """The cause in words; empty where nothing changed or nothing is compared."""
        return self.cause.words if self.pair.kind in CHANGED else ""


@dataclass(frozen=True)
class Comparison:
    """Two reports, figure by figure.

    Parameters
    ----------
    before, now : Printed
    lines : tuple of Line
        Every figure that both have, in the order of the later report.
    only_before, only_now : mapping of str to int
        Chapter -> figures that only one of them has.
    causes : mapping of (str, str) to Cause
        Chapter of either report -> what was different.
    """

    before: Printed
    now: Printed
    lines: tuple[Line, ...]
    only_before: Mapping[str, int]
    only_now: Mapping[str, int]
    causes: Mapping[tuple[str, str], Cause]

    @property
    def synthetic(self) -> bool:
        """Whether either report is made from invented records."""
        both = (self.before.settings, self.now.settings)
        return any(bool(s.get("report", {}).get("synthetic")) for s in both)

    def of(self, kind: str) -> list[Line]:
        """Return the lines of a kind (see :data:`needs.report.compare.pairs.KINDS`)."""
        return [line for line in self.lines if line.pair.kind == kind]

    @property
    def beyond(self) -> list[Line]:
        """Changes in time that are more than chance."""
        return [line for line in self.lines if line.verdict.beyond]

    @property
    def unexplained(self) -> list[Line]:
        """Restated figures of which the manifests give no reason."""
        return [line for line in self.of("restated") if line.cause.key == "not_told"]


def compare(before: str | Path, now: str | Path) -> Comparison:
    """Compare two reports.

    Parameters
    ----------
    before, now : str or Path
        Folders of reports, or studies whose installed reports are taken.

    Raises
    ------
    RenderError
        If one cannot be read, or they are of two authorities.
    """
    return compare_printed(read_report(before), read_report(now))


def compare_printed(before: Printed, now: Printed) -> Comparison:
    """Compare two reports as printed.

    Notes
    -----
    Everything here is worked out from numbers that a report prints: what it hides was never read.
    """
    codes = [r.settings.get("authority", {}).get("dfe_code") for r in (before, now)]
    if codes[0] != codes[1]:
        mend = "compare an authority with itself; chapter 25 sets it beside others"
        fault = Fault("manifest.json", "the reports are of two authorities", mend)
        raise RenderError("the reports cannot be compared", [fault])
    if now.year < before.year:
        mend = "name the earlier report first"
        fault = Fault("manifest.json", "the second report is of an earlier year", mend)
        raise RenderError("the reports cannot be compared", [fault])
    found: Pairs = pairs_of(before, now)
    why = causes(before, now, found.pairs)
    lines = tuple(
        _line(pair, now, verdict, why)
        for pair, verdict in zip(found.pairs, verdicts(found.pairs, before, now), strict=True)
    )
    return Comparison(before, now, lines, found.only_before, found.only_now, why)


def _line(pair: Pair, now: Printed, verdict: Verdict, why: Mapping[tuple[str, str], Cause]) -> Line:
    cause = why.get((pair.before.chapter, pair.now.chapter), Cause())
    if pair.kind == "restated":
        cause = cause.of_the_past
    return Line(pair, now.called(pair.now), verdict, cause)
