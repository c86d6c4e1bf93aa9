"""Write the SSDA903 returns of synthetic lives: one folder a reporting year, as CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from needs.synthetic.dirt import soiled
from needs.synthetic.episodes import Lives, choose
from needs.synthetic.late import CHANGES, carried_on, unlearned
from needs.synthetic.text import dfe_days, write_csv
from needs.vocabulary.periods import ReportingYear

__all__ = ["Planted", "return_tables", "write_returns"]

# Special guardianship had two codes until the return of 2018, four since.
_OLD_SGO = {"E45": "E43", "E46": "E43", "E47": "E44", "E48": "E44"}
_OLD_SGO_UNTIL = 2018
_PLANTED = {"check": str, "return_year": int, "rows_n": int}
_CHANGES = {"reason": str, "count": str, "return_year": int, "sign": int, "children_n": int}
_REVIEW = (
    ("PN1", 0.55),
    ("PN2", 0.08),
    ("PN3", 0.04),
    ("PN4", 0.08),
    ("PN5", 0.05),
    ("PN6", 0.12),
    ("PN7", 0.08),
)
_MISSING = (("M", 0.75), ("A", 0.25))
_TOUCH = (("YES", 0.9), ("NO", 0.05), ("REFU", 0.03), ("NREQ", 0.02))
_ACTIV = (
    ("F1", 0.08),
    ("F2", 0.28),
    ("P2", 0.05),
    ("F4", 0.04),
    ("F5", 0.17),
    ("P5", 0.05),
    ("G4", 0.11),
    ("G5", 0.16),
    ("G6", 0.06),
)
_ACCOM = (
    ("B1", 0.12),
    ("D1", 0.25),
    ("E1", 0.06),
    ("U1", 0.33),
    ("Z1", 0.14),
    ("X2", 0.03),
    ("S2", 0.02),
    ("V2", 0.02),
    ("R2", 0.03),
)


def identifiers(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return n distinct child identifiers that tell nothing of when or who."""
    numbers = rng.permutation(n) + 10**6
    return np.array([f"S{x}" for x in numbers])


def upns(children: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Return unique pupil numbers in DfE's pattern, or why there is none."""
    n = len(children)
    letters = np.array(list("ABCDEFGHJKLMNPQRTUVWXYZ"))
    digits = rng.permutation(n) + 931_00_000_0000
    codes = np.array(
        [f"{a}{x}" for a, x in zip(letters[rng.integers(0, 23, n)], digits, strict=True)]
    )
    return np.where(children["uasc"], "UN3", codes)


def _sex(male: pd.Series, year: int) -> np.ndarray:
    return np.where(male, "1", "2") if year < 2025 else np.where(male, "M", "F")


def _episodes(rows: pd.DataFrame, year: ReportingYear) -> pd.DataFrame:
    """Return the episodes as the return of a year tells them: later ends not yet known."""
    end = pd.Timestamp(year.end)
    open_ = rows["dec"].isna() | (rows["dec"] > end)
    rec = rows["rec"].mask(open_, "")
    if year.end_year <= _OLD_SGO_UNTIL:
        rec = rec.replace(_OLD_SGO)
    out = pd.DataFrame({
        "CHILD": rows["id"], "DECOM": dfe_days(rows["decom"]), "RNE": rows["rne"], "LS": rows["ls"],
        "CIN": rows["cin"], "PLACE": rows["place"], "PLACE_PROVIDER": rows["provider"],
        "DEC": dfe_days(rows["dec"].mask(open_)), "REC": rec,
        "REASON_PLACE_CHANGE": rows["reason_place_change"].mask(open_, ""),
        "HOME_POST": rows["home_post"], "PL_POST": rows["pl_post"], "URN": rows["urn"],
    })  # fmt: skip
    return out


def _reviews(periods: pd.DataFrame, year: ReportingYear, rng: np.random.Generator) -> pd.DataFrame:
    """Return reviews due at 20 working days, three months on, and each six months after."""
    due = np.array([25, 110, *range(290, 7000, 180)])
    start = periods["start"].to_numpy().astype("datetime64[D]")
    late = rng.integers(-6, 7, (len(periods), len(due)))
    days = start[:, None] + (due[None, :] + late).astype("timedelta64[D]")
    last = periods["last"].to_numpy().astype("datetime64[D]")[:, None]
    inside = (days >= np.datetime64(year.start)) & (days <= np.datetime64(year.end)) & (days < last)
    who, which = np.nonzero(inside)
    # Which reviews there are, and so every later draw, follows from the days as drawn.
    held = _punctual(start[who] + due[which].astype("timedelta64[D]"), late[who, which])
    latest = np.minimum(np.datetime64(year.end), last[who, 0] - np.timedelta64(1, "D"))
    held = np.clip(held, np.datetime64(year.start), latest)
    day = pd.Series(held.astype("datetime64[ns]"))
    dob = periods["dob"].to_numpy()[who]
    under4 = (day - pd.Series(dob)).dt.days < 4 * 365.25
    code = np.where(under4, "PN0", choose(_REVIEW, len(who), rng))
    return pd.DataFrame({
        "CHILD": periods["id"].to_numpy()[who], "DOB": dfe_days(pd.Series(dob)),
        "REVIEW": dfe_days(day), "REVIEW_CODE": code,
    })  # fmt: skip


def _punctual(due: np.ndarray, late: np.ndarray) -> np.ndarray:
    """Return the day of each review: one in thirteen nine days late, others a day or two early."""
    by = np.where(late == late.max(initial=6), 9, late % 2 - 2)
    return np.asarray(due + by.astype("timedelta64[D]"))


def _oc2(stock: pd.DataFrame, year: ReportingYear, rng: np.random.Generator) -> pd.DataFrame:
    """Return outcomes of children looked after for twelve months at the year's end."""
    kept = stock[stock["start"] <= pd.Timestamp((year - 1).end) + pd.Timedelta(days=1)]
    n = len(kept)
    age = (pd.Timestamp(year.end) - kept["dob"]).dt.days / 365.25
    scored = (age >= 4) & (age < 17) & (rng.random(n) < 0.8)
    score = np.clip(np.round(rng.gamma(3.6, 3.9, n)), 0, 40).astype(int)
    reason = np.where(
        (age < 4) | (age >= 17),
        "SDQ1",
        choose((("SDQ2", 0.4), ("SDQ4", 0.4), ("SDQ5", 0.2)), n, rng),
    )
    flags = {"CONVICTED": 0.03, "HEALTH_CHECK": 0.9, "IMMUNISATIONS": 0.86, "TEETH_CHECK": 0.75,
             "HEALTH_ASSESSMENT": 0.89, "SUBSTANCE_MISUSE": 0.04}  # fmt: skip
    out = pd.DataFrame({
        "CHILD": kept["id"].to_numpy(), "DOB": dfe_days(kept["dob"]),
        "SDQ_SCORE": np.where(scored, score.astype(str), ""),
        "SDQ_REASON": np.where(scored, "", reason),
    })  # fmt: skip
    for name, share in flags.items():
        out[name] = (rng.random(n) < share).astype(int).astype(str)
    out.loc[age.to_numpy() >= 5, "HEALTH_CHECK"] = ""
    misuse = out["SUBSTANCE_MISUSE"] == "1"
    received = rng.random(n) < 0.6
    out["INTERVENTION_RECEIVED"] = np.where(misuse, received.astype(int).astype(str), "")
    out["INTERVENTION_OFFERED"] = np.where(misuse & ~received, "1", "")
    return out


@dataclass(frozen=True)
class _Year:
    """What a return of one year is written from."""

    year: ReportingYear
    begin: pd.Timestamp
    end: pd.Timestamp
    rows: pd.DataFrame
    kids: pd.DataFrame
    periods: pd.DataFrame
    stock: pd.DataFrame


def _spans(lives: Lives) -> pd.DataFrame:
    """Return start, last day and whether it runs on, by period of care."""
    spells = lives.episodes.assign(open_=lives.episodes["dec"].isna()).groupby("period")
    return spells.agg(start=("decom", "min"), dec=("dec", "max"), open_=("open_", "any"))


def _view(lives: Lives, spans: pd.DataFrame, year: ReportingYear) -> _Year:
    begin, end = pd.Timestamp(year.start), pd.Timestamp(year.end)
    c = lives.children.set_index("child")
    e = lives.episodes
    rows = e[(e["decom"] <= end) & (e["dec"].isna() | (e["dec"] >= begin))]
    rows = rows.assign(id=c["id"].reindex(rows["child"]).to_numpy())
    periods = rows.groupby("period").agg(child=("child", "first"), id=("id", "first"))
    periods = periods.join(spans).join(c["dob"], on="child")
    running = periods["open_"] | (periods["dec"] > end)
    periods["last"] = periods["dec"].mask(running, end + pd.Timedelta(days=1))
    kids = c.loc[np.unique(rows["child"])]
    return _Year(year, begin, end, rows, kids, periods, periods[running])


def _header(v: _Year) -> pd.DataFrame:
    return pd.DataFrame({
        "CHILD": v.kids["id"], "SEX": _sex(v.kids["male"], v.year.end_year),
        "DOB": dfe_days(v.kids["dob"]), "ETHNIC": v.kids["ethnic"], "UPN": v.kids["upn"],
        "MOTHER": "", "MC_DOB": "",
    })  # fmt: skip


def _uasc(v: _Year) -> pd.DataFrame:
    asylum = v.kids[v.kids["uasc"]]
    turned = asylum["dob"] + pd.DateOffset(years=18)
    return pd.DataFrame({
        "CHILD": asylum["id"], "SEX": _sex(asylum["male"], v.year.end_year),
        "DOB": dfe_days(asylum["dob"]), "DUC": dfe_days(turned.where(turned <= v.end)),
    })  # fmt: skip


def _oc3(lives: Lives, v: _Year, rng: np.random.Generator) -> pd.DataFrame:
    """Return care leavers aged 17 to 21 who are not looked after this year."""
    c, e = lives.children.set_index("child"), lives.episodes
    of_age = (c["dob"] + pd.DateOffset(years=17) <= v.end) & (
        c["dob"] + pd.DateOffset(years=22) > v.begin
    )
    left = e[e["dec"] <= v.begin].groupby("child")["dec"].max()
    left = left[left > v.begin - pd.Timedelta(days=5 * 365)]
    gone = c[of_age & ~c.index.isin(v.rows["child"]) & c.index.isin(left.index)]
    n = len(gone)
    return pd.DataFrame({
        "CHILD": gone["id"], "DOB": dfe_days(gone["dob"]), "IN_TOUCH": choose(_TOUCH, n, rng),
        "ACTIV": choose(_ACTIV, n, rng), "ACCOM": choose(_ACCOM, n, rng),
    })  # fmt: skip


def _missing(v: _Year, rng: np.random.Generator) -> pd.DataFrame:
    teens = (v.end - v.stock["dob"]).dt.days > 12 * 365
    away = v.stock[(rng.random(len(v.stock)) < 0.1) & teens]
    n = len(away)
    room = (v.end - away["start"].clip(lower=v.begin)).dt.days - 4
    away, room = away[room > 0], room[room > 0]
    n = len(away)
    went = v.end - pd.to_timedelta((rng.random(n) * room).astype(int) + 3, unit="D")
    back = went + pd.to_timedelta(rng.integers(1, 3, n), unit="D")
    return pd.DataFrame({
        "CHILD": away["id"], "DOB": dfe_days(away["dob"]), "MISSING": choose(_MISSING, n, rng),
        "MIS_START": dfe_days(went), "MIS_END": dfe_days(back),
    })  # fmt: skip


def _permanence(lives: Lives, v: _Year) -> pd.DataFrame:
    started = v.periods[v.periods["start"] >= v.begin].drop_duplicates("child")
    before = lives.children.set_index("child")["prev_perm"].reindex(started["child"])
    return pd.DataFrame({
        "CHILD": started["id"].to_numpy(), "DOB": dfe_days(started["dob"]),
        "PREV_PERM": before.to_numpy(), "LA_PERM": "", "DATE_PERM": "",
    })  # fmt: skip


def return_tables(
    lives: Lives,
    year: ReportingYear,
    rng: np.random.Generator,
    spans: pd.DataFrame | None = None,
) -> Mapping[str, pd.DataFrame]:
    """Return the tables of one reporting year's SSDA903 return.

    Parameters
    ----------
    lives : Lives
        With ``id``, ``upn`` in children and ``home_post, pl_post, urn`` in episodes.
    year : ReportingYear
    rng : numpy.random.Generator
    spans : pandas.DataFrame, optional
        Periods of care, where several years are written from the same lives.

    Returns
    -------
    mapping of str to pandas.DataFrame
        ``header, episodes, uasc, reviews, oc2, oc3, missing, previous_permanence`` as text.
    """
    v = _view(lives, _spans(lives) if spans is None else spans, year)
    return {
        "header": _header(v),
        "episodes": _episodes(v.rows, year),
        "uasc": _uasc(v),
        "reviews": _reviews(v.periods, year, rng),
        "oc2": _oc2(v.stock, year, rng),
        "oc3": _oc3(lives, v, rng),
        "missing": _missing(v, rng),
        "previous_permanence": _permanence(lives, v),
    }


def write_returns(
    lives: Lives,
    years: Sequence[ReportingYear],
    folder: Path,
    rng: np.random.Generator,
    *,
    dirt: bool = False,
    late: np.random.Generator | None = None,
) -> Planted:
    """Write the returns as ``folder/2022-23/episodes.csv`` and so on.

    Parameters
    ----------
    lives, years, folder, rng
    dirt : bool
        Whether to plant faults.
    late : numpy.random.Generator, optional
        Draws what each return but the last does not know yet; without, each knows everything.
    """
    nothing = pd.DataFrame({"check": [], "return_year": [], "rows_n": []}).astype(_PLANTED)
    faults, changes = [nothing], [pd.DataFrame({c: [] for c in CHANGES}).astype(_CHANGES)]
    spans = _spans(lives)
    carried: dict[str, pd.DataFrame] = {}
    for year in years:
        place = folder / str(year)
        place.mkdir(parents=True, exist_ok=True)
        tables = carried_on(return_tables(lives, year, rng, spans), carried)
        if late is not None and year != years[-1]:
            tables, carried, told = unlearned(tables, year, late)
            changes.append(told)
        if dirt:
            tables, found = soiled(tables, year, rng)
            faults.append(found)
        for name, table in tables.items():
            write_csv(
                table.sort_values(list(table.columns[:2]), kind="stable"), place / f"{name}.csv"
            )
    return Planted(pd.concat(faults, ignore_index=True), pd.concat(changes, ignore_index=True))


@dataclass(frozen=True)
class Planted:
    """What was planted in returns.

    Parameters
    ----------
    faults : pandas.DataFrame
        ``check, return_year, rows_n``; no rows without ``dirt``.
    changes : pandas.DataFrame
        What later returns change: columns of :data:`needs.synthetic.late.CHANGES`.
    """

    faults: pd.DataFrame
    changes: pd.DataFrame
