"""Synthetic authorities whose groups are known, and how the choice of groups fares with them.

Run as a program it keeps what is done in a folder and prints the table::

    python tests/support/truth_profiles.py FOLDER AUTHORITIES_EACH
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
NOTHING = ("independent", "severity", "skewed", "flat", "faint")
"""Unrelated domains, or one smooth severity scale: normal, skewed, flat, or barely felt."""
SMALLEST = 0.1


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
        cuts, slope = _cuts(rng), rng.uniform(0.5, 1.5, DOMAINS)
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

        if share.min() >= SMALLEST and off(0.05) < 0 < off(6.0):
            return Truth(share, make(brentq(off, 0.05, 6.0, xtol=0.01)))


def plain_truth(form: str, classes: int, separation: float, seed: int) -> Truth:
    """Return classes of equal size at a separation, which is quick: no score is asked for."""
    make = _shape(form, classes, np.random.default_rng(seed))
    return Truth(np.full(classes, 1 / classes), make(separation))


def nothing(form: str, seed: int, n: int = 600, missing: float = 0.2) -> np.ndarray:
    """Return scores of children among whom there are no groups."""
    rng = np.random.default_rng([seed, NOTHING.index(form), 77])
    cuts, slope = _cuts(rng), rng.uniform(0.8, 2.5, DOMAINS)
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
        out.append(groups(i, 0.9))
        out += [(NOTHING[i % 5], 1, 0.0, i), (NOTHING[(i + 2) % 5], 1, 0.0, i)]
        if i % 3 == 0:
            out += [groups(i // 3, attains) for attains in (0.75, 0.6)]
    rest = range((each + 2) // 3, each)
    return out + [groups(i, attains) for i in rest for attains in (0.75, 0.6)]


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the long form's table."""
    rows = rows.assign(right=rows["found"] == rows["classes"])
    rows["of_own"] = rows["of_own"].where(rows["right"])
    by = rows.assign(truth=rows["attains"].map("{:.2f}".format))
    by.loc[by["classes"] == 1, "truth"] = by["form"]
    one = by.groupby("truth").agg(
        authorities=("right", "size"), right=("right", "mean"), of_own=("of_own", "mean"),
        seconds=("seconds", "mean"),
    )  # fmt: skip
    many = by[by["classes"] > 1]
    two = many.pivot_table(index="truth", columns=["classes"], values="right")
    three = many.pivot_table(index="truth", columns=["form"], values="right")
    return one.join(two).join(three).round(3)


def main(folder: Path, each: int) -> None:
    """Judge what is not yet kept, and print the table."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "rows.csv"
    done = pd.read_csv(kept) if kept.exists() else pd.DataFrame()
    had = set(zip(done["form"], done["attains"], done["seed"], strict=True)) if len(done) else set()
    for form, k, attains, seed in cells(each):
        if (form, attains, seed) in had:
            continue
        row = pd.DataFrame([judged(form, k, attains, seed, Settings())])
        row.to_csv(kept, mode="a", header=not kept.exists(), index=False)
    print(table(pd.read_csv(kept)).to_string())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
