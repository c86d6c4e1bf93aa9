"""The judge of forecasts where the truth is known: bias, error, coverage, and CRPS.

Run as a program it scores a method over many authorities, keeps what is done in a folder, and
prints the table::

    python tests/support/truth_judge.py FOLDER AUTHORITIES_EACH SEED [WORKERS]
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import scoringrules as sr
from truth_histories import KEYS, SCENARIOS, Case, cases

from needs.forecast.flow.model import fit_flow
from needs.forecast.history import History
from needs.forecast.shape import LEVELS, Forecast

Method = Callable[[History, Sequence[dt.date], int, np.random.Generator], Forecast]

DRAWS = 500
CHUNK = 15
"""Authorities that are made and scored at a time."""
TOTAL = "all"
COLUMNS = (TOTAL, *KEYS)
ENOUGH = 20
"""Children on average from which a placement type is held to the targets."""


@dataclass(frozen=True)
class Scores:
    """Scores of many authorities; arrays of shape (authorities, years ahead, columns).

    Columns are :data:`COLUMNS`. ``below`` and ``upto`` are the shares of draws below the
    actual number and not above it.
    """

    mean: np.ndarray
    actual: np.ndarray
    last: np.ndarray
    below: np.ndarray
    upto: np.ndarray
    crps: np.ndarray

    @classmethod
    def join(cls, parts: Sequence[Scores]) -> Scores:
        """Return the scores of all authorities."""
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(p, n) for p in parts]) for n in names))

    def inside(self, level: float) -> np.ndarray:
        """Return how much of each actual number lies in a central interval, 0 to 1.

        A count is spread over its unit (Czado, Gneiting and Held, Biometrics 2009, vol. 65,
        pages 1254-1261): an interval of whole numbers always holds more than it claims.
        """
        low, high = 0.5 - level / 200, 0.5 + level / 200
        width = np.maximum(self.upto - self.below, 1e-9)
        part = np.minimum(self.upto, high) - np.maximum(self.below, low)
        return np.clip(np.where(width > 1e-8, part / width, part >= -1e-9), 0, 1)


def judge(method: Method, case: Case, draws: int, rng: np.random.Generator) -> Scores:
    """Return a method's scores for one authority."""
    forecast = method(case.known, case.days, draws, rng)
    found = _with_total(np.asarray(forecast.draws, float))
    actual = _with_total(case.actual.astype(float))
    last = np.broadcast_to(_with_total(case.last.astype(float)), actual.shape)
    crps = sr.crps_ensemble(actual, np.moveaxis(found, 0, -1), estimator="pwm")
    return Scores(
        *(
            x[None]
            for x in (
                found.mean(axis=0),
                actual,
                last,
                (found < actual).mean(axis=0),
                (found <= actual).mean(axis=0),
                crps,
            )
        )
    )


def _with_total(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([counts.sum(axis=-1, keepdims=True), counts], axis=-1)


def chunk(
    scenario: str, n: int, seed: int, method: Method, draws: int = DRAWS, ahead: int = 5
) -> Scores:
    """Return scores of some authorities, made for it."""
    rows = []
    for case in cases(scenario, n, seed):
        short = replace(case, days=case.days[:ahead], actual=case.actual[:ahead])
        rng = np.random.default_rng([seed, case.number, SCENARIOS.index(scenario)])
        rows.append(judge(method, short, draws, rng))
    return Scores.join(rows)


def one_thread(
    history: History, days: Sequence[dt.date], draws: int, rng: np.random.Generator
) -> Forecast:
    """Return the flow model's forecast, by one worker."""
    return fit_flow(history).simulate(days, draws, rng, threads=1)


def _kept(folder: Path, scenario: str, seed: int, ahead: int) -> Path:
    path = folder / f"{scenario}-{seed}.npz"
    if not path.exists():
        scores = chunk(scenario, CHUNK, seed, one_thread, ahead=ahead)
        aside = path.with_suffix(".part.npz")
        np.savez(aside, **vars(scores))
        aside.replace(path)
    return path


def score(folder: Path, each: int, seed: int, workers: int, ahead: int = 5) -> dict[str, Scores]:
    """Score authorities of every scenario; what lies in the folder is not done again."""
    folder.mkdir(parents=True, exist_ok=True)
    seeds = [seed * 1000 + k for k in range(-(-each // CHUNK))]
    jobs = [(folder, s, k, ahead) for k in seeds for s in SCENARIOS]
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(_kept, *zip(*jobs, strict=True)))
    return loaded(folder)


def loaded(folder: Path) -> dict[str, Scores]:
    """Return the scores that lie in a folder."""
    found = {}
    for scenario in SCENARIOS:
        parts = []
        for path in sorted(folder.glob(f"{scenario}-*[0-9].npz")):
            with np.load(path) as file:
                parts.append(Scores(**file))
        if parts:
            found[scenario] = Scores.join(parts)
    return found


def bias(scores: Scores, year: int, column: str) -> tuple[float, float, float]:
    """Return mean error, its standard error, and the mean number, in children."""
    at = COLUMNS.index(column)
    miss = scores.mean[:, year - 1, at] - scores.actual[:, year - 1, at]
    level = scores.actual[:, year - 1, at].mean()
    return float(miss.mean()), float(miss.std(ddof=1) / np.sqrt(len(miss))), float(level)


def mape(scores: Scores, year: int) -> tuple[float, float, float]:
    """Return MAPE of the total, of last value, and the standard error of the difference, in %."""
    y = scores.actual[:, year - 1, 0]
    ours = np.abs(scores.mean[:, year - 1, 0] - y) / y * 100
    last = np.abs(scores.last[:, year - 1, 0] - y) / y * 100
    error = (ours - last).std(ddof=1) / np.sqrt(len(y))
    return float(ours.mean()), float(last.mean()), float(error)


def coverage(scores: Scores, years: Sequence[int], column: str) -> list[float]:
    """Return the per cent of actual numbers within each of the stated intervals."""
    rows = [y - 1 for y in years]
    at = COLUMNS.index(column)
    return [float(scores.inside(level)[:, rows, at].mean() * 100) for level in LEVELS]


def faults(
    found: dict[str, Scores], year: int = 3, z: float = 2.0, slack: float = 0.0
) -> list[str]:
    """Return what misses its target: bias by scenario, coverage of all together.

    Parameters
    ----------
    found : dict of str to Scores
    year : int
    z : float
        Standard errors that a bias may reach.
    slack : float
        Standard errors of coverage that are allowed beyond the target.
    """
    wrong = []
    for name, scores in found.items():
        for key in COLUMNS:
            miss, se, level = bias(scores, year, key)
            if level >= ENOUGH and abs(miss) > max(0.02 * level, z * se):
                wrong.append(f"{name} {key}: bias {miss / level:+.1%} (se {se / level:.1%})")
    pooled = Scores.join(list(found.values()))
    for key in COLUMNS:
        if bias(pooled, year, key)[2] < ENOUGH:
            continue
        for level, share in zip(LEVELS, coverage(pooled, [year], key), strict=True):
            chance = np.sqrt(level * (100 - level) / len(pooled.mean))
            if abs(share - level) > (3 if key == TOTAL else 5) + slack * chance:
                wrong.append(f"{key}: {share:.0f}% within the {level}% interval")
    return wrong


def table(found: dict[str, Scores], years: Sequence[int] = (1, 3, 5)) -> str:
    """Return what is held to targets, in words and numbers."""
    lines = []
    years = [y for y in years if y <= next(iter(found.values())).mean.shape[1]]
    for name, scores in found.items():
        lines.append(f"{name}: {len(scores.mean)} authorities")
        for y in years:
            ours, last, error = mape(scores, y)
            crps = scores.crps[:, y - 1, 0].mean()
            miss, se, level = bias(scores, y, TOTAL)
            lines.append(
                f"  year {y}: total MAPE {ours:.2f}% (last value {last:.2f}%, "
                f"se of difference {error:.2f}), bias {miss / level:+.2%} (se {se / level:.2%}), "
                f"CRPS {crps:.1f}"
            )
        lines.append("  bias at three years: children, share, se, verdict; coverage 50 80 95")
        for key in COLUMNS:
            miss, se, level = bias(scores, 3, key)
            if level == 0:
                continue
            cover = " ".join(f"{c:4.0f}" for c in coverage(scores, years, key))
            fine = "ok" if abs(miss) <= max(0.02 * level, 2 * se) else "MISS"
            word = fine if level >= ENOUGH else "small"
            rest = f"{miss / level:+7.2%} {se / level:6.2%} {word:5s} {cover}"
            lines.append(f"    {key:20s} {level:7.1f} {rest}")
    pooled = Scores.join(list(found.values()))
    lines.append(f"all {len(pooled.mean)} authorities: coverage 50 80 95")
    for key in COLUMNS:
        if bias(pooled, 3, key)[2] > 0:
            each = ["/".join(f"{c:.0f}" for c in coverage(pooled, [y], key)) for y in years]
            cover = " ".join(f"{c:5.1f}" for c in coverage(pooled, years, key))
            lines.append(f"    {key:20s} {cover}   by year: {' '.join(each)}")
    return "\n".join(lines)


if __name__ == "__main__":
    place, number, start = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    hands = int(sys.argv[4]) if len(sys.argv) > 4 else 2
    far = int(sys.argv[5]) if len(sys.argv) > 5 else 5
    sys.stdout.write(table(score(place, number, start, hands, far)) + "\n")
