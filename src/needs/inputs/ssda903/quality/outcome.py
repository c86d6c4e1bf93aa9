"""Run every rule over all returns, repair what can be repaired, and count all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from needs.inputs.ssda903.quality.arrays import Bools, Days, age_on, as_dates, days
from needs.inputs.ssda903.quality.between import join_returns, revisions
from needs.inputs.ssda903.quality.cells import CELL_RULES, Context
from needs.inputs.ssda903.quality.children import (
    Header,
    header_rules,
    header_view,
    missing_from_header,
    uasc_cells,
    uasc_rules,
)
from needs.inputs.ssda903.quality.findings import READ, Collector
from needs.inputs.ssda903.quality.repair import Repairs, repairs
from needs.inputs.ssda903.quality.sequence import SEQUENCE_RULES
from needs.inputs.ssda903.quality.view import SHORT_BREAKS, Episodes, Years, bad, episodes_view
from needs.inputs.ssda903.raw import BAD, RawReturns
from needs.vocabulary.codes import code_set
from needs.vocabulary.study import Scope, Study

__all__ = ["QualityOutcome", "apply", "judge", "mended"]

_CODED = {
    "rne": "RNE",
    "ls": "LS",
    "cin": "CIN",
    "place": "PLACE",
    "place_provider": "PLACE_PROVIDER",
    "rec": "REC",
    "reason_place_change": "REASON_PLACE_CHANGE",
}
_CONTENT = (
    "return_year", "child", "decom", "dec", *_CODED, "home_post", "pl_post", "urn",
)  # fmt: skip


@dataclass(frozen=True)
class QualityOutcome:
    """Returns after the rules of data quality.

    Attributes
    ----------
    raw : RawReturns
        The returns without the rows left out, with repairs made: end dates, end reasons,
        unknown codes set blank, impossible dates of birth set blank. ``episodes.repaired``
        marks the episodes that a repair changed. Each frame's index is 0..n-1 again.
    findings : pandas.DataFrame
        As :attr:`needs.vocabulary.records.Records.findings`. Beside the checks it holds, for
        each rule, the check ``any`` (each row of the group once) and, under rule ``00``, the
        rows ``read``, ``left_out`` and ``repaired`` (``header_read``, ``header_left_out``);
        ``stock_n`` of ``read`` is the base of every share of the stock.
    """

    raw: RawReturns
    findings: pd.DataFrame


def apply(raw: RawReturns, study: Study) -> QualityOutcome:
    """Judge every row of every return, repair and leave out what must be, and count it.

    Parameters
    ----------
    raw : RawReturns
        Rows as read.
    study : Study
        Its scope says who belongs to the stock; no setting changes a rule.

    Returns
    -------
    QualityOutcome
        Cleaned returns and findings. Rows in are rows out and rows left out; the order of
        rows makes no difference.

    Notes
    -----
    Rules run on each return's rows as read, before later returns supersede earlier ones.
    Rules of sequence look past rows that have no place in time (no start, start after the
    return, exact copies). A child counts in the stock where an episode as read or as
    repaired is open at the end of the return, and the scope of the study's label counts it:
    the base of the shares must not tell, beside the headline number, how many children the
    label leaves out.
    """
    cleaned, found = judge(raw, study.authority.scope)
    return QualityOutcome(cleaned, found.frame())


def judge(raw: RawReturns, scope: Scope | None = None) -> tuple[RawReturns, Collector]:
    """Return the cleaned returns, and the rows behind every check."""
    scope = scope or Scope()
    years, frame = Years.of(raw), raw.episodes
    start_of = years.least(years.cell(frame), days(frame["decom"]))
    header = header_view(raw.header, years, start_of)
    m = _mended(frame, years, header.dob_of)
    after = episodes_view(m.episodes, years, header.dob_of)
    uasc = raw.others.get("uasc")
    context = Context(years, *uasc_cells(uasc, years), m.unread)
    stock = _stock(m.e, years, scope) | _stock(after, years, scope)
    if not scope.unaccompanied:
        stock &= ~context.uasc_open
    found = Collector(years, stock)
    _episode_findings(found, m.e, m.s, context, m.fixed, m.copies)
    _child_findings(found, raw, years, header, m.e, start_of)
    _totals(found, m.e, m.fixed, m.changed, header)
    cleaned = replace(raw, episodes=m.episodes, header=_header(raw.header, header))
    return cleaned, found


def mended(raw: RawReturns) -> pd.DataFrame:
    """Return the episodes of returns as :func:`apply` mends them, without counting faults.

    Parameters
    ----------
    raw : RawReturns
        Rows as read. No repair looks at the Header.
    """
    years = Years.of(raw)
    return _mended(raw.episodes, years, np.full(years.cells, np.nan)).episodes


@dataclass(frozen=True)
class _Mended:
    """Episodes as read (``e``), those with a place in time (``s``), and after repair."""

    e: Episodes
    s: Episodes
    unread: dict[str, Bools]
    copies: Bools
    fixed: Repairs
    episodes: pd.DataFrame
    changed: Bools


def _mended(frame: pd.DataFrame, years: Years, dob_of: Days) -> _Mended:
    """Repair the episodes of every return, then those open that the next does not have."""
    e = episodes_view(frame, years, dob_of)
    unread = {c: bad(frame, c) for c in _READABLE}
    copies = _copies(frame)
    drop = np.isnan(e.decom) | (e.decom > e.end) | copies
    # an end after the return is not yet known to it
    s = e.with_dec(np.where(e.dec > e.end, np.nan, e.dec)).without_unknown(unread)
    s = s[~drop].ordered()
    fixed = repairs(e, s, drop)
    join_returns(fixed, e.with_dec(fixed.dec)[~fixed.drop].ordered(), years)
    episodes, changed = _repaired(frame, fixed)
    return _Mended(e, s, unread, copies, fixed, episodes, changed)


_READABLE = ("decom", "dec", *_CODED)


def _copies(frame: pd.DataFrame) -> Bools:
    """Return the rows that are exact copies of one before them."""
    key = frame[["return_year", "child", "decom", "dec"]]
    maybe = np.flatnonzero(key.duplicated(keep=False).to_numpy())
    out = np.zeros(len(frame), dtype=bool)
    columns = [c for c in _CONTENT if c in frame]
    out[maybe] = frame.iloc[maybe][columns].astype("string").duplicated().to_numpy()
    return out


def _stock(e: Episodes, years: Years, scope: Scope) -> Bools:
    """Return the cells of children looked after at the end of the return."""
    held = ~(e.decom > e.end) & ~(e.dec <= e.end)
    if not scope.short_breaks:
        held &= ~e.ls.within(SHORT_BREAKS)
    if not scope.over_18:
        # The DfE's one exception: accommodated by agreement in a children's home.
        held &= ~(age_on(e.end, e.dob) >= 18) | (e.ls.within(("V2",)) & e.place.within(("K2",)))
    return years.any(e.cell[held])


def _repaired(frame: pd.DataFrame, fixed: Repairs) -> tuple[pd.DataFrame, Bools]:
    """Return the episodes kept, repaired, and which rows of ``frame`` a repair changed."""
    changed = fixed.rec_blank | fixed.rec_x1 | (_moved(days(frame["dec"]), fixed.dec))
    columns = {c: frame[c] for c in frame.columns}
    columns["dec"] = pd.Series(as_dates(fixed.dec), index=frame.index)
    for name, codes in _CODED.items():
        words = list(code_set(codes).codes)
        changed |= bad(frame, name)
        columns[name] = frame[name].astype("category").cat.set_categories(words)
    rec = columns["rec"].copy()
    rec[fixed.rec_blank] = np.nan
    rec[fixed.rec_x1] = "X1"
    columns["rec"] = rec
    changed |= bad(frame, "dec")
    changed &= ~fixed.drop
    columns |= {BAD + c: pd.Series(False, index=frame.index) for c in ("dec", *_CODED)}
    columns["repaired"] = pd.Series(changed, index=frame.index)
    kept = pd.DataFrame(columns)[~fixed.drop]
    return kept.reset_index(drop=True), changed


def _moved(before: Days, after: Days) -> Bools:
    """Return where two dates differ; two blanks do not."""
    return np.asarray((before != after) & ~(np.isnan(before) & np.isnan(after)))


def _header(frame: pd.DataFrame, view: Header) -> pd.DataFrame:
    """Return the Header rows kept, with impossible dates of birth and unknown codes blank."""
    out = frame.copy()
    out["dob"] = as_dates(view.dob)
    for name in ("sex", "ethnic"):
        words = list(code_set(name.upper()).codes)
        out[name] = out[name].astype("category").cat.set_categories(words)
    return out[view.keep].reset_index(drop=True)


def _episode_findings(
    found: Collector, e: Episodes, s: Episodes, context: Context, fixed: Repairs, copies: Bools
) -> None:
    """Run the rules over episodes."""
    for rule, cell_rule in CELL_RULES.items():
        found.add_all(rule, dict(cell_rule(e, context)), e.cell)
    for rule, sequence_rule in SEQUENCE_RULES.items():
        for slug, flags in sequence_rule(s, context):
            found.add(rule, slug, s.row[flags], s.cell[flags])
    for (rule, slug), flags in fixed.found.items():
        found.add_all(rule, {slug: flags}, e.cell)
    found.add_all("09", {"duplicate": copies}, e.cell)
    for slug, flags in revisions(s, context.years).items():
        found.add("27", slug, s.row[flags], s.cell[flags])


def _child_findings(
    found: Collector, raw: RawReturns, years: Years, header: Header, e: Episodes, start: Days
) -> None:
    """Run the rules over the Header and the UASC table."""
    seen = years.any(e.cell)
    if "oc3" in raw.others:
        seen |= years.any(years.cell(raw.others["oc3"]))
    for rule, checks in header_rules(raw.header, years, header, seen).items():
        found.add_all(rule, checks, header.cell, "header")
    found.add_all("01", {"missing": missing_from_header(e.cell, header)}, e.cell)
    uasc = raw.others.get("uasc")
    if uasc is not None and len(uasc):
        checks = uasc_rules(uasc, raw.header, years, header, start)
        found.add_all("23", checks, years.cell(uasc), "uasc")


def _totals(found: Collector, e: Episodes, fixed: Repairs, changed: Bools, header: Header) -> None:
    """Count rows read, left out and repaired."""
    everything = np.ones(len(e), dtype=bool)
    base = {"read": everything, "left_out": fixed.drop, "repaired": changed}
    found.add_all(READ, base, e.cell)
    head = {"header_read": np.ones(len(header.cell), dtype=bool), "header_left_out": ~header.keep}
    found.add_all(READ, head, header.cell, "header")
