"""Reviews of looked-after children: whether they were on time, and whether the child had a say."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.health import NO, OUTSIDE, UNKNOWN, YES, entered
from needs.vocabulary.records import Records
from needs.vocabulary.study import Scope

__all__ = ["FIRST_DAYS", "HAD_NO_SAY", "HAD_SAY", "LATER_MONTHS", "SECOND_MONTHS", "review_states"]

FIRST_DAYS, SECOND_MONTHS, LATER_MONTHS = 28, 3, 6
"""Twenty working days with no bank holiday among them; then months from review to review."""
HAD_SAY = ("PN1", "PN2", "PN3", "PN5", "PN6")
HAD_NO_SAY = ("PN4", "PN7")
_FROM_AGE = 4
_DAY = np.timedelta64(1, "D")
_Days = npt.NDArray[np.datetime64]


def later(days: _Days, months: int) -> _Days:
    """Return the same day so many months later; the month's last where it is shorter."""
    month = days.astype("datetime64[M]")
    within = days.astype("datetime64[D]") - month.astype("datetime64[D]")
    then = month + months
    longest = (then + 1).astype("datetime64[D]") - _DAY
    found: _Days = np.minimum(then.astype("datetime64[D]") + within, longest)
    return found.astype("datetime64[ns]")


def _runs(records: Records) -> pd.DataFrame:
    """Return unbroken runs of returns that list reviews: ``run``, ``opens``, ``closes``."""
    told = set(records.tables["reviews"]["return_year"].astype(int))
    years = records.returns.loc[records.returns["return_year"].isin(told)]
    years = years.groupby("return_year").agg(start=("start", "min"), end=("end", "max"))
    year = years.index.to_numpy()
    run = np.cumsum(np.append(True, np.diff(year) != 1)[: len(year)])
    spans: pd.DataFrame = years.groupby(run).agg(opens=("start", "min"), closes=("end", "max"))
    return spans.rename_axis("run").reset_index()


def _spans(records: Records, scope: Scope) -> pd.DataFrame:
    """Return each period of care within each run: ``child, period, run, since, opens, until``."""
    since = entered(records, scope)
    ends = records.episodes["dec"].fillna(pd.Timestamp.max)
    by = records.episodes.assign(dec=ends).groupby("period_of_care")
    e: pd.DataFrame = by.agg(child=("child", "first"), dec=("dec", "max"))
    periods = e.loc[since.index].assign(since=since, period=since.index)
    both = periods.merge(_runs(records), how="cross")
    both = both.assign(until=both[["dec", "closes"]].min(axis=1))
    return both[(both["since"] <= both["closes"]) & (both["until"] >= both["opens"])]


def _held(records: Records, spans: pd.DataFrame) -> pd.DataFrame:
    """Return the reviews held in each span, each day once: ``period, run, day, code``."""
    reviews = records.tables["reviews"].dropna(subset=["review"])
    reviews = reviews.drop_duplicates(["child", "review"], keep="last")
    found = spans.merge(reviews[["child", "review", "review_code"]], on="child")
    day = found["review"]
    inside = (day >= found[["since", "opens"]].max(axis=1)) & (day <= found["until"])
    return found[inside].rename(columns={"review": "day", "review_code": "code"})


def _late(spans: pd.DataFrame, held: pd.DataFrame, years: npt.NDArray[np.int64]) -> pd.MultiIndex:
    """Return period and year of every year in which a review was late, or due and not held."""
    known = (spans["since"] >= spans["opens"]).to_numpy()
    begin = np.where(known, spans["since"], spans["opens"])
    starts = pd.DataFrame(
        {"period": spans["period"].to_numpy(), "run": spans["run"].to_numpy(), "day": begin,
         "known": known, "until": spans["until"].to_numpy(), "at": 0}
    )  # fmt: skip
    after = held.assign(known=held["since"] >= held["opens"], at=1)[list(starts)]
    events = pd.concat([starts, after]).sort_values(["period", "run", "at", "day"], kind="stable")
    order = events.groupby(["period", "run"]).cumcount().to_numpy()
    day = events["day"].to_numpy().astype("datetime64[ns]")
    first = events["known"].to_numpy(dtype=bool)
    due = np.where(
        first & (order == 0),
        day + FIRST_DAYS * _DAY,
        np.where(first & (order == 1), later(day, SECOND_MONTHS), later(day, LATER_MONTHS)),
    )
    then = events.groupby(["period", "run"])["day"].shift(-1).to_numpy().astype("datetime64[ns]")
    open_end = np.isnat(then)
    end = np.where(open_end, events["until"].to_numpy().astype("datetime64[ns]"), then)
    # A review that is due on the last day and not held by then is late, as one held too late is.
    late = np.where(open_end, due <= end, end > due)
    from_year, to_year = _year(due[late]), _year(end[late])
    period = events["period"].to_numpy()[late]
    at = [period[(from_year <= y) & (y <= to_year)] for y in years]
    return pd.MultiIndex.from_arrays(
        [np.concatenate([*at, np.array([], int)]), np.repeat(years, [len(a) for a in at])]
    )


def _year(days: _Days) -> npt.NDArray[np.int64]:
    """Return the end year of the reporting year of each day."""
    month = days.astype("datetime64[M]").astype(np.int64)
    found: npt.NDArray[np.int64] = (month - 3) // 12 + 1971
    return found


def _said(held: pd.DataFrame, born: pd.Series) -> pd.Series:
    """Return whether the child had a say in all reviews of a year, by period and year."""
    dob = born.reindex(held["child"]).to_numpy().astype("datetime64[ns]")
    day = held["day"].to_numpy().astype("datetime64[ns]")
    code = held["code"].astype(object).to_numpy()
    old = np.where(np.isnat(dob), code != "PN0", later(dob, 12 * _FROM_AGE) <= day)
    worth = np.select([np.isin(code, HAD_NO_SAY), np.isin(code, HAD_SAY)], [0, 2], 1)
    at = pd.DataFrame({"period": held["period"].to_numpy(), "year": _year(day), "worth": worth})
    least = at[old].groupby(["period", "year"])["worth"].min()
    found: pd.Series = least.map({0: NO, 1: UNKNOWN, 2: YES})
    return found


def review_states(records: Records, stock: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return whether reviews of each child were on time, and whether the child had a say.

    Parameters
    ----------
    records : Records
        With the table ``reviews``.
    stock : pandas.DataFrame
        Stock at one or more 31 March: ``date, child, period_of_care``.
    scope : Scope

    Returns
    -------
    pandas.DataFrame
        ``date, child, on_time, took_part``: ``yes``, ``no``, ``not_known`` or empty, of children
        who had been looked after for four weeks on the day. ``not_known``: no return lists
        reviews of that year; of ``took_part``, the code of a review is blank and none says that
        the child had no say. ``took_part`` is empty where no review of the year was held at
        four years of age or later.

    Notes
    -----
    Care Planning, Placement and Case Review (England) Regulations 2010, regulation 33: the
    first review within twenty working days, the second within three months of it, others within
    six months of the one before. On time is a child none of whose reviews of the year was held
    late, or due and not held, as in the former national indicator NI 66. Of a period of care
    that began before the returns, the first review seen is held against six months from then.
    """
    spans = _spans(records, scope)
    held = _held(records, spans)
    end = stock["date"].to_numpy().astype("datetime64[ns]")
    period, year = stock["period_of_care"].to_numpy(), _year(end)
    since = entered(records, scope).reindex(period).to_numpy()
    base = since + FIRST_DAYS * _DAY <= end
    key = pd.MultiIndex.from_arrays([period, year])
    late = key.isin(_late(spans, held, np.unique(year)))
    told = np.isin(year, np.unique(records.tables["reviews"]["return_year"].astype(int)))
    on_time = np.where(~told, UNKNOWN, np.where(late, NO, YES))
    said = _said(held, records.children["dob"]).reindex(key).to_numpy(object)
    took_part = np.where(pd.isna(said), OUTSIDE, said)
    made = stock[["date", "child"]].assign(on_time=on_time, took_part=took_part)
    return made[base].reset_index(drop=True)
