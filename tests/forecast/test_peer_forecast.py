"""Our forecasts beside cs-demand-model's: on the same returns and origins, and on known truth.

It gives one number for each day and no range, so that its CRPS is its absolute error and no
coverage can be told. Its own default looks six months back; a year and five years are kinder.
"""

from __future__ import annotations

import datetime as dt
import os

import numpy as np
import pandas as pd
import pytest
import scoringrules as sr
from claims import aligned
from peer_tool import GROUPS, STUDY, ask_many, by_group, flat_returns, known_returns, peer_python
from truth_histories import KEYS, SCENARIOS, SIZE, Case, cases
from truth_judge import one_thread

from needs.forecast.ahead import METHODS
from needs.forecast.backtest import rolling, scored
from needs.forecast.combine import calibrated_past, pooled_past
from needs.forecast.history import History
from needs.inputs.registry import open_data
from needs.synthetic.returns import write_returns
from needs.synthetic.study import RATES, Preset, compose
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.reference

WINDOWS = (12, 60)
ALL = "all"
PARTS = {**GROUPS, "OTHER": tuple(k for k in KEYS if not any(k in g for g in GROUPS.values()))}
EVERY = {ALL: KEYS, **PARTS}
WORDS = {
    ALL: "total",
    "FOSTERING": "fostering",
    "RESIDENTIAL": "residential",
    "SUPPORTED": "supported",
    "OTHER": "other",
}
FIRST, LAST = 2012, 2023
DRAWS, TESTED_DRAWS, YEARS = 500, 200, 3


def peer_name(months: int) -> str:
    return f"cs-demand-model, {months} months"


def hands(long_form: bool) -> int:
    return min(2, len(os.sched_getaffinity(0))) if long_form else 1


def rolling_rows(folder, scenario: str, seed: int, workers: int) -> pd.DataFrame:
    """Return scores of both at every origin of one authority, read from the same files."""
    size = SIZE[scenario]
    preset = Preset("E10000099", RATES[scenario](330 * size, 30 * size), {})
    first, last = ReportingYear(FIRST), ReportingYear(LAST)
    made = compose(preset, first, last, seed)
    years = [first + n for n in range(LAST - FIRST + 1)]
    write_returns(made.lives, years, folder / "ssda903", np.random.default_rng(seed))
    (folder / "study.toml").write_text(STUDY, "utf-8")
    study = load_study(folder)
    history = History.of(open_data(study).records, study)
    past = rolling(history, METHODS, TESTED_DRAWS, seed)
    past = [*past, *calibrated_past(pooled_past(past, seed))]
    places = history.places
    groups = {g: tuple(p for p in members if p in places) for g, members in EVERY.items()}
    ours = scored(past, groups)
    jobs, seen = [], {}
    for p in past:
        if p.forecast.method == "last_value":
            origin = p.forecast.origin
            seen[origin] = p
            flat = flat_returns(folder / "ssda903", folder / f"peer{origin.year}", origin.year)
            jobs.append(job(flat, origin, p.forecast.days))
    rows = []
    for (origin, p), answer in zip(seen.items(), ask_many(jobs, workers), strict=True):
        at = [[places.index(k) for k in of] for of in groups.values()]
        came = {g: p.outcome[:, i].sum(axis=1) for g, i in zip(groups, at, strict=True)}
        base = sum(by_group(answer["windows"]["12"]["base"])[g] for g in PARTS)
        assert base == p.base.sum(), "both start from the same children"
        for months in WINDOWS:
            said = [by_group(d) for d in answer["windows"][str(months)]["days"]]
            for h, day in enumerate(p.forecast.days):
                for g in groups:
                    error = said[h][g] - came[g][h]
                    rows.append(
                        {
                            "method": peer_name(months),
                            "origin": origin.year,
                            "horizon": day.year - origin.year,
                            "group": g,
                            "outcome": came[g][h],
                            "error": error,
                            "absolute": abs(error),
                            "crps": abs(error),
                        }
                    )
    return pd.concat([ours, pd.DataFrame(rows)]).assign(authority=f"{scenario} {seed}")


def job(folder, origin: dt.date, days) -> dict[str, object]:
    """Return what the peer is asked."""
    return {
        "do": "forecast",
        "folder": str(folder),
        "origin": origin.isoformat(),
        "windows": list(WINDOWS),
        "days": [d.isoformat() for d in days],
    }


def rolling_table(rows: pd.DataFrame) -> str:
    """Return MAE, bias, CRPS and coverage by method and group, over origins and horizons."""
    lines = [("children, mean over", "method", "MAE", "bias", "bias %", "CRPS", "in 80%", "in 95%")]
    keys = ["last_value", "flow", "combined", *map(peer_name, WINDOWS)]
    wanted = [(f"{WORDS[g]}, all years", rows["group"] == g) for g in EVERY]
    wanted += [
        (f"total, {h} ahead", (rows["group"] == ALL) & (rows["horizon"] == h)) for h in (1, 3, 5)
    ]
    for what, at in wanted:
        for method in keys:
            of = rows[at & (rows["method"] == method)]
            cover = [of[f"inside_{k}"].astype(float).mean() * 100 for k in (80, 95)]
            told = [f"{c:.0f}" if np.isfinite(c) else "none" for c in cover]
            bias = of["error"].mean()
            part = f"{100 * bias / of['outcome'].mean():+.1f}"
            means = (
                f"{of['absolute'].mean():.1f}",
                f"{bias:+.1f}",
                part,
                f"{of['crps'].mean():.1f}",
            )
            lines.append((what, method, *means, *told))
    return "\n".join(aligned(lines))


def test_rolling_origins_on_the_same_returns(tmp_path, long_form, claims):
    peer_python()
    each = 2 if long_form else 1
    names = SCENARIOS if long_form else SCENARIOS[:1]
    made = []
    for scenario in names:
        for seed in range(each):
            folder = tmp_path / f"{scenario}{seed}"
            folder.mkdir()
            made.append(rolling_rows(folder, scenario, 11 + seed, hands(long_form)))
    rows = pd.concat(made, ignore_index=True)
    n = rows.groupby("authority")["origin"].nunique().sum()
    title = f"rolling origins beside cs-demand-model: {len(made)} authorities, {n} origins"
    claims.told(title, rolling_table(rows))
    mean = rows[rows["group"] == ALL].groupby("method")[["absolute", "crps"]].mean()
    for method in ("last_value", "flow", "combined", *map(peer_name, WINDOWS)):
        claims.stated(
            f"MAE of the total, {n} rolling origins: {method}",
            f"{mean.loc[method, 'absolute']:.1f} children",
        )
    theirs = min(mean.loc[peer_name(m), "crps"] for m in WINDOWS)
    ours = mean.loc["combined", "crps"]
    assert claims.held(
        f"CRPS of the total, {n} rolling origins: combined",
        f"{ours:.1f} children",
        f"below cs-demand-model's {theirs:.1f}",
        ours < theirs,
    )


def known_truth(scenario: str, n: int, seed: int, folder, workers: int) -> pd.DataFrame:
    """Return both forecasts of independent authorities, and what came, by group and year."""
    made: list[Case] = cases(scenario, n, seed)
    jobs = []
    for case in made:
        origin = case.days[0].replace(year=case.days[0].year - 1)
        since = dt.date(1970, 1, 1) + dt.timedelta(days=case.known.since)
        at = known_returns(case.told, since, origin, folder / f"{scenario}{case.number}")
        jobs.append(job(at, origin, case.days[:YEARS]))
    rows = []
    for case, answer in zip(made, ask_many(jobs, workers), strict=True):
        rng = np.random.default_rng([seed, case.number])
        forecast = one_thread(case.known, case.days[:YEARS], DRAWS, rng)
        base = by_group(answer["windows"]["12"]["base"])
        for group, members in EVERY.items():
            at = [KEYS.index(k) for k in members]
            last, came = float(case.last[at].sum()), case.actual[:YEARS, at].sum(axis=1)
            assert base[group] == last, "both start from the same children"
            draws = forecast.of(members).astype(float)
            for y in range(YEARS):
                said = {
                    "last value": (last, abs(last - came[y])),
                    "flow": (
                        draws[:, y].mean(),
                        sr.crps_ensemble(float(came[y]), draws[:, y], estimator="pwm"),
                    ),
                }
                for m in WINDOWS:
                    n_said = by_group(answer["windows"][str(m)]["days"][y])[group]
                    said[peer_name(m)] = (n_said, abs(n_said - came[y]))
                low, high = np.percentile(draws[:, y], [10, 90])
                for method, (mean, crps) in said.items():
                    rows.append(
                        {
                            "scenario": scenario,
                            "group": group,
                            "year": y + 1,
                            "method": method,
                            "actual": float(came[y]),
                            "error": mean - came[y],
                            "crps": float(crps),
                            "inside": low <= came[y] <= high if method == "flow" else np.nan,
                        }
                    )
    return pd.DataFrame(rows)


def truth_table(rows: pd.DataFrame, year: int) -> str:
    """Return bias with its standard error, MAPE, CRPS and coverage, ``year`` years ahead."""
    heads = (
        "authorities",
        "group",
        "children",
        "method",
        "bias %",
        "se",
        "MAPE %",
        "CRPS",
        "in 80%",
    )
    lines: list[tuple[str, ...]] = [heads]
    at = rows[rows["year"] == year]
    for (scenario, group), of in at.groupby(["scenario", "group"], sort=False):
        for method, r in of.groupby("method", sort=False):
            level = r["actual"].mean()
            bias, se = r["error"].mean(), r["error"].std(ddof=1) / np.sqrt(len(r))
            mape = 100 * (r["error"].abs() / r["actual"].clip(lower=1)).mean()
            inside = r["inside"].astype(float).mean() * 100
            numbers = (f"{100 * bias / level:+.1f}", f"{100 * se / level:.1f}", f"{mape:.1f}")
            cover = f"{inside:.0f}" if np.isfinite(inside) else "none"
            place = (f"{len(r)} {scenario}", WORDS[group], f"{level:.0f}", method)
            lines.append((*place, *numbers, f"{r['crps'].mean():.1f}", cover))
    return "\n".join(aligned(lines))


def bias_of(rows: pd.DataFrame, method: str, group: str) -> float:
    r = rows[(rows["method"] == method) & (rows["group"] == group) & (rows["year"] == YEARS)]
    return float(100 * r["error"].sum() / r["actual"].sum())


def test_known_truth_beside_the_peer(tmp_path, long_form, claims):
    peer_python()
    n = 20 if long_form else 3
    names = SCENARIOS if long_form else SCENARIOS[:1]
    found = [known_truth(s, n, 77 + i, tmp_path, hands(long_form)) for i, s in enumerate(names)]
    rows = pd.concat(found, ignore_index=True)
    for year in (1, YEARS) if long_form else (YEARS,):
        words = "one year" if year == 1 else "three years"
        title = f"known truth beside cs-demand-model, {words} ahead"
        claims.told(title, truth_table(rows, year))
    still = rows[rows["scenario"] == "stationary"]
    bias = {m: bias_of(still, m, "SUPPORTED") for m in ("flow", *map(peer_name, WINDOWS))}
    for method, found_pct in bias.items():
        what = f"bias of Supported at three years, {n} stationary authorities: {method}"
        claims.stated(what, f"{found_pct:+.1f}%")
    assert abs(bias["flow"]) < min(abs(bias[peer_name(m)]) for m in WINDOWS)
    total = rows[rows["group"] == ALL].groupby("method")["crps"].mean()
    theirs = min(total[peer_name(m)] for m in WINDOWS)
    better = claims.held(
        "CRPS of the total, known truth, flow model",
        f"{total['flow']:.1f} children",
        f"below cs-demand-model's {theirs:.1f}",
        total["flow"] < theirs,
    )
    # A few authorities prove nothing about the total.
    assert better or not long_form
