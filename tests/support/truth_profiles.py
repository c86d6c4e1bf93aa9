"""Synthetic authorities whose groups are known, and how the choice of groups fares with them.

Run as a program it keeps what is done in a folder and prints the table::

    python tests/support/truth_profiles.py FOLDER AUTHORITIES_EACH

A run that is stopped goes on where it was; every cell gets its authorities in turn, so that a
run that is stopped early has judged all cells alike.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logsumexp
from scipy.stats import binomtest
from sklearn.metrics import adjusted_rand_score

from needs.profiles.choose import choose_classes
from needs.profiles.search import Settings

DOMAINS, LEVELS = 13, 5
NODES = np.linspace(-3, 3, 13)
NODE_WEIGHT = np.exp(-(NODES**2) / 2) / np.exp(-(NODES**2) / 2).sum()
FORMS = ("shifted", "any_levels", "needs", "within", "steps")
"""How classes differ: domains shifted along their scale (graded response); any probabilities
at all; as ``needs.synthetic.needs`` draws them; shifted, with a severity scale inside; steps of one
severity scale."""
SMOOTH = ("severity", "skewed", "flat", "faint")
"""One smooth severity scale: normal, skewed, flat, or barely felt."""
NOTHING = ("independent", *SMOOTH)
"""Unrelated domains, or one smooth severity scale."""
HARDER = "plane"
"""Two smooth scales, unrelated to one another, each felt in every domain: no groups either, but
no single scale describes it. Told apart from the others."""
SEPARATIONS = (0.9, 0.75, 0.6)
SMALLEST = 0.1
AS_USED = Settings(near=0)
"""The settings of a study, without the stability of numbers of classes that were not chosen."""


@dataclass(frozen=True)
class Truth:
    """Shares of classes and level probabilities (classes, nodes of severity, domains, levels)."""

    share: np.ndarray
    theta: np.ndarray

    @property
    def node_weight(self) -> np.ndarray:
        return NODE_WEIGHT if self.theta.shape[1] > 1 else np.ones(1)

    def draw(self, n: int, missing: float, rng: np.random.Generator):
        """Return scores (NaN missing) and classes of some children."""
        z = rng.choice(len(self.share), n, p=self.share)
        q = rng.choice(len(self.node_weight), n, p=self.node_weight)
        return drawn(self.theta[z, q], missing, rng), z

    def labels(self, x: np.ndarray) -> np.ndarray:
        """Return what the true model itself would say of each child."""
        logs = np.log(np.maximum(self.theta, 1e-300))
        out = np.zeros((len(x), *self.theta.shape[:2]))
        for j in range(x.shape[1]):
            known = ~np.isnan(x[:, j])
            out[known] += np.moveaxis(logs[:, :, j, x[known, j].astype(int)], 2, 0)
        out = logsumexp(out + np.log(self.node_weight), axis=2) + np.log(self.share)
        return out.argmax(axis=1)

    def attains(self, missing: float, children: int = 4000) -> float:
        """Return the adjusted Rand index between the truth and the true model's own labels."""
        x, z = self.draw(children, missing, np.random.default_rng(1))
        return adjusted_rand_score(z, self.labels(x))


def drawn(theta: np.ndarray, missing: float, rng: np.random.Generator) -> np.ndarray:
    """Return levels drawn from theta (children, domains, levels), some of them missing."""
    cdf = np.cumsum(theta, axis=2)
    x = (rng.random(cdf.shape[:2])[:, :, None] > cdf).sum(2).clip(0, LEVELS - 1).astype(float)
    x[rng.random(x.shape) < missing] = np.nan
    return x


def graded(location: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Return level probabilities of a graded response (Samejima 1969)."""
    above = expit(location[..., None] - cuts)
    edge = np.ones((*above.shape[:-1], 1))
    return -np.diff(np.concatenate([edge, above, 0 * edge], axis=-1), axis=-1)


def _cuts(rng: np.random.Generator) -> np.ndarray:
    return np.sort(rng.normal(0.6, 1.3, (DOMAINS, LEVELS - 1)), axis=1)


def _shape(form: str, classes: int, rng: np.random.Generator) -> Callable[[float], np.ndarray]:
    """Return a function of the separation that gives theta."""
    pattern = rng.normal(size=(classes, DOMAINS))
    if form == "shifted":
        cuts = _cuts(rng)
        return lambda s: graded(s * pattern, cuts)[:, None]
    if form == "within":
        cuts, slope = _cuts(rng), rng.uniform(0.4, 1.2, DOMAINS)
        return lambda s: graded(s * pattern[:, None] + NODES[:, None] * slope, cuts)
    if form == "steps":
        # The more steps, the further a domain's levels reach, or the outer ones are all alike.
        cuts, slope = _cuts(rng) * (classes - 2), rng.uniform(0.5, 1.5, DOMAINS)
        at = np.arange(classes) - (classes - 1) / 2 + rng.uniform(-0.2, 0.2, classes)
        return lambda s: graded(s * at[:, None] * slope, cuts)[:, None]
    if form == "any_levels":
        base = np.log(rng.dirichlet(np.full(LEVELS, 2.0), DOMAINS))
        own = rng.normal(size=(classes, DOMAINS, LEVELS))
        return lambda s: (np.exp(base + s * own - logsumexp(base + s * own, 2, keepdims=True)))[
            :, None
        ]
    base = rng.normal(0.3, 1, DOMAINS)
    special = expit(rng.uniform(-3, -1, classes))[:, None]
    level = rng.dirichlet([2, 2, 1], classes)[:, None]

    def needs(s: float) -> np.ndarray:
        need = expit(base + s * pattern)[..., None]
        lower = need * (1 - special[..., None]) * level
        return np.concatenate([1 - need, lower, need * special[..., None]], axis=2)[:, None]

    return needs


def truth(form: str, classes: int, attains: float, seed: int, missing: float = 0.2) -> Truth:
    """Return classes that the true model itself tells apart as well as asked for."""
    rng = np.random.default_rng([seed, classes, round(attains * 100), FORMS.index(form)])
    while True:
        share = rng.dirichlet(np.full(classes, 8.0))
        make = _shape(form, classes, rng)

        def off(s: float, share=share, make=make) -> float:
            return Truth(share, make(s)).attains(missing) - attains

        if share.min() < SMALLEST or off(0.05) >= 0:
            continue
        # Steps that lie far apart leave the scale: what is told apart then falls again.
        tops = (1.0, 2.0, 3.0, 4.0, 6.0) if form == "steps" else (6.0,)
        top = next((t for t in tops if off(t) > 0), None)
        if top is not None:
            return Truth(share, make(brentq(off, 0.05, top, xtol=0.01)))


def plain_truth(form: str, classes: int, separation: float, seed: int) -> Truth:
    """Return classes of equal size at a separation, which is quick: no score is asked for."""
    make = _shape(form, classes, np.random.default_rng(seed))
    return Truth(np.full(classes, 1 / classes), make(separation))


def nothing(form: str, seed: int, n: int = 600, missing: float = 0.2) -> np.ndarray:
    """Return scores of children among whom there are no groups."""
    rng = np.random.default_rng([seed, (*NOTHING, HARDER).index(form), 77])
    cuts, slope = _cuts(rng), rng.uniform(0.8, 2.5, DOMAINS)
    if form == HARDER:
        angle = rng.uniform(0, np.pi / 2, DOMAINS)
        felt = slope[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return drawn(graded(rng.normal(size=(n, 2)) @ felt.T, cuts), missing, rng)
    z = {
        "independent": np.zeros(n),
        "severity": rng.normal(size=n),
        "skewed": rng.gamma(2, 1, n) / np.sqrt(2) - np.sqrt(2),
        "flat": rng.uniform(-np.sqrt(3), np.sqrt(3), n),
        "faint": rng.normal(size=n) / 2,
    }[form]
    return drawn(graded(z[:, None] * slope, cuts), missing, rng)


def judged(form: str, classes: int, attains: float, seed: int, settings: Settings) -> dict:
    """Return how the choice fared with one authority of 600 children."""
    begun = time.process_time()
    out = {"form": form, "classes": classes, "attains": attains, "seed": seed}
    if classes == 1:
        choice = choose_classes(nothing(form, seed), LEVELS, settings)
        return out | _told(choice, begun)
    known = truth(form, classes, attains, seed)
    x, z = known.draw(600, 0.2, np.random.default_rng([seed, 5]))
    choice = choose_classes(x, LEVELS, settings)
    out |= _told(choice, begun)
    if choice.estimator is not None:
        own = adjusted_rand_score(z, known.labels(x))
        out["of_own"] = adjusted_rand_score(z, choice.estimator.predict(x)) / own
    return out


def _told(choice, begun: float) -> dict:
    chosen = choice.table[choice.table["chosen"].astype(bool)].iloc[0]
    bic = choice.table.groupby(choice.table["classes_n"] > 1)["bic"].min()
    return {
        "found": choice.estimator.n_components if choice.found else 1,
        "model": f"{chosen['model']}_{chosen['emission']}",
        "stability": chosen["stability"],
        "margin": bic.get(False) - bic.get(True, np.inf),
        "bic": bic.min(),
        "as_far": choice.as_far,
        "of_own": np.nan,
        "seconds": time.process_time() - begun,
    }


def cells(each: int) -> list[tuple[str, int, float, int]]:
    """Return every authority that the long form judges, those that matter first."""

    def groups(i: int, attains: float) -> tuple[str, int, float, int]:
        return FORMS[(i // 3) % len(FORMS)], 3 + i % 3, attains, i

    out = []
    for i in range(each):
        out += [groups(i, attains) for attains in SEPARATIONS]
        out += [(form, 1, 0.0, i) for form in ("independent", SMOOTH[i % 4])]
        out += [(HARDER, 1, 0.0, i)] if i % 4 == 0 else []
    return out


def wilson(right: int, of: int) -> tuple[float, float]:
    """Return the 95% interval of a share (Wilson, JASA 1927, vol. 22, pages 209-212)."""
    found = binomtest(int(right), int(of)).proportion_ci(0.95, "wilson")
    return found.low, found.high


def _told_of(rows: pd.DataFrame) -> dict:
    """Return how often the number was right, and the agreement as a share of the truth's own."""
    n, right = len(rows), int(rows["right"].sum())
    low, high = wilson(right, n)
    few, many = ((rows["found"] < rows["classes"]), (rows["found"] > rows["classes"]))
    return {
        "authorities": n, "right_n": right, "right": right / n, "low": low, "high": high,
        "fewer": few.mean(), "more": many.mean(),
        "of_own": rows.loc[rows["right"], "of_own"].mean(),
        "of_own_all": rows["of_own"].fillna(0).mean() if rows["classes"].iloc[0] > 1 else np.nan,
        "within_5": (rows.loc[rows["right"], "of_own"] >= 0.95).mean(),
        "seconds": rows["seconds"].mean(),
    }  # fmt: skip


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the long form's table: each cell, then its parts.

    ``of_own`` is the adjusted Rand index with the truth over that of the true model's own labels,
    averaged where the number is right; ``of_own_all`` the same over all, 0 where no groups were
    claimed; ``within_5`` the share of authorities with the right number at 0.95 of it or more.
    """
    rows = rows.assign(right=rows["found"] == rows["classes"])
    none = rows["classes"] == 1
    truth = rows["attains"].map("{:.2f}".format).where(~none, rows["form"])
    truth = truth.where(~truth.isin(SMOOTH), "one smooth scale")
    parts = [none, rows["classes"].astype(str), rows["form"]]
    out = {}
    for part in parts:
        for key, some in rows.groupby([truth, part]):
            label = "" if isinstance(key[1], bool | np.bool_) else key[1]
            if label not in {"1", key[0]}:
                out[(key[0], label)] = _told_of(some)
    return pd.DataFrame(out).T.rename_axis(["truth", "part"]).round(3)


def main(folder: Path, each: int) -> None:
    """Judge what is not yet kept, and print the table."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "rows.csv"
    done = pd.read_csv(kept) if kept.exists() else pd.DataFrame()
    had = set(zip(done["form"], done["attains"], done["seed"], strict=True)) if len(done) else set()
    for form, k, attains, seed in cells(each):
        if (form, attains, seed) in had:
            continue
        row = pd.DataFrame([judged(form, k, attains, seed, AS_USED)])
        row.to_csv(kept, mode="a", header=not kept.exists(), index=False)
    print(table(pd.read_csv(kept)).to_string())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
