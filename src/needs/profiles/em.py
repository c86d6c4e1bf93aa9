"""Expectation-maximisation for latent classes: many starts run together as one array.

Sources: Goodman, Biometrika 1974, vol. 61, pages 215-231 (latent classes); Dempster, Laird and
Rubin, Journal of the Royal Statistical Society B 1977, vol. 39, pages 1-38 (EM); Varadhan and
Roland, Scandinavian Journal of Statistics 2008, vol. 35, pages 335-353 (SQUAREM); Biernacki,
Celeux and Govaert, Computational Statistics and Data Analysis 2003, vol. 41, pages 561-575
(short runs first, then the best of them to the end).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from needs.profiles.patterns import Array, Patterns

__all__ = ["Classes", "climb", "posterior", "spread_starts"]

FLOOR = 1e-12
LONGEST_STEP = 64.0


@dataclass(frozen=True)
class Classes:
    """Classes of several starts.

    Attributes
    ----------
    share : numpy.ndarray of float, shape (starts, classes)
        Natural logarithm of each class's share.
    level : numpy.ndarray of float, shape (starts, classes, domains * levels)
        Natural logarithm of the probability of each level.
    fit : numpy.ndarray of float, shape (starts,)
        Logarithm of the likelihood.
    penalised : numpy.ndarray of float, shape (starts,)
        The same with the logarithm of the prior: what is climbed.
    """

    share: Array
    level: Array
    fit: Array
    penalised: Array
    cycles: int = 0
    converged: bool = True

    def pick(self, which: npt.ArrayLike) -> Classes:
        """Return some of the starts."""
        i = np.asarray(which, dtype=np.int64)
        return Classes(
            self.share[i], self.level[i], self.fit[i], self.penalised[i],
            self.cycles, self.converged,
        )  # fmt: skip

    @property
    def best(self) -> int:
        """The start that climbed highest."""
        return int(np.argmax(self.penalised))


def posterior(ones: Array, share: Array, level: Array) -> tuple[Array, Array]:
    """Return membership probabilities (rows, starts, classes) and log-likelihoods (rows, starts).

    A missing score takes no part: the likelihood is that of the known scores (full information).
    """
    member, fit = _joint(ones, share, level)
    return np.ascontiguousarray(member.transpose(2, 1, 0)), fit.T


def _joint(ones: Array, share: Array, level: Array) -> tuple[Array, Array]:
    """Return the same the other way round: sums over few classes are then long ones."""
    starts, classes = share.shape
    joint = level.transpose(1, 0, 2).reshape(classes * starts, -1) @ ones.T
    joint = joint.reshape(classes, starts, len(ones))
    joint += share.T[:, :, None]
    top = joint.max(axis=0)
    joint -= top
    np.exp(joint, out=joint)
    total = joint.sum(axis=0)
    joint /= total
    return joint, np.log(total) + top


class _Climb:
    """One step of EM for all starts, with a Dirichlet prior on the levels of each class."""

    def __init__(self, data: Patterns, weight: Array, smoothing: float) -> None:
        self.ones, self.levels = data.ones, data.levels
        self.weight = np.ascontiguousarray(np.atleast_2d(weight.T))
        self.prior = (smoothing * data.shares()).reshape(-1)

    def step(self, share: Array, level: Array) -> tuple[Array, Array, Array, Array]:
        """Return share and level after a step, fit and penalised fit before it."""
        member, fit = _joint(self.ones, share, level)
        member *= self.weight
        starts, classes = share.shape
        n = (member.reshape(classes * starts, -1) @ self.ones).reshape(classes, starts, -1)
        loglik = (self.weight * fit).sum(axis=1)
        penalised = loglik + level.reshape(starts, -1) @ np.tile(self.prior, classes)
        size = member.sum(axis=2).T
        return self._log(size), self.normal(n.transpose(1, 0, 2) + self.prior), loglik, penalised

    def _log(self, size: Array) -> Array:
        out: Array = np.log(np.maximum(size / size.sum(axis=1, keepdims=True), FLOOR))
        return out

    def normal(self, n: Array) -> Array:
        """Return counts of levels as logarithms of shares."""
        by = n.reshape(*n.shape[:2], -1, self.levels)
        total = by.sum(axis=3, keepdims=True)
        even = np.full_like(by, 1 / self.levels)
        p = np.divide(by, total, out=even, where=total > 0)
        out: Array = np.log(np.maximum(p, FLOOR)).reshape(n.shape)
        return out

    def stretched(self, steps: list[tuple[Array, Array]]) -> tuple[Array, Array]:
        """Return the point that three points of a climb lead to (SQUAREM, scheme S3)."""
        flat = [np.concatenate([s, v.reshape(len(s), -1)], axis=1) for s, v in steps]
        first, bend = flat[1] - flat[0], flat[2] - 2 * flat[1] + flat[0]
        size = np.sqrt((first**2).sum(axis=1) / np.maximum((bend**2).sum(axis=1), 1e-300))
        alpha = np.clip(size, 1, LONGEST_STEP)[:, None]
        point = flat[0] + 2 * alpha * first + alpha**2 * bend
        classes = steps[0][0].shape[1]
        share = point[:, :classes]
        level = point[:, classes:].reshape(steps[0][1].shape)
        return _sum_to_one(share, classes), _sum_to_one(level, self.levels)


def _sum_to_one(logs: Array, size: int) -> Array:
    by = logs.reshape(*logs.shape[:-1], -1, size)
    by = by - by.max(axis=-1, keepdims=True)
    by = by - np.log(np.exp(by).sum(axis=-1, keepdims=True))
    out: Array = np.maximum(by, np.log(FLOOR)).reshape(logs.shape)
    return out


def climb(
    data: Patterns, start: Classes, smoothing: float, cycles: int, tolerance: float,
    weight: Array | None = None,
) -> Classes:  # fmt: skip
    """Return where EM leads from each start.

    Parameters
    ----------
    data : Patterns
        Rows of scores.
    start : Classes
        Where to begin.
    smoothing : float
        Children added to each class, spread over the levels of a domain as all children are.
    cycles : int
        Most cycles; a cycle is three steps of EM, the last from a stretched point. Where the
        stretched point is lower than where the cycle began, its two plain steps stand instead.
    tolerance : float
        A start has arrived when a cycle lifts it by less (log-likelihood).
    weight : numpy.ndarray of float, shape (patterns, starts), optional
        Weights of rows for each start, for resampled data; those of ``data`` if left out.
    """
    em = _Climb(data, data.weight if weight is None else weight, smoothing)
    share, level, last = start.share, start.level, np.full(len(start.share), -np.inf)
    arrived, cycle = False, 0
    while not arrived and cycle < cycles:
        cycle += 1
        one = em.step(share, level)
        two = em.step(one[0], one[1])
        far = em.stretched([(share, level), one[:2], two[:2]])
        three = em.step(*far)
        kept = three[3] >= two[3]
        share = np.where(kept[:, None], three[0], two[0])
        level = np.where(kept[:, None, None], three[1], two[1])
        gained = one[3] - last
        last = one[3]
        arrived = bool((gained < tolerance).all())
    _, _, fit, penalised = em.step(share, level)
    return Classes(share, level, fit, penalised, cycle, arrived)


def spread_starts(
    data: Patterns, classes: int, starts: int, smoothing: float, rng: np.random.Generator
) -> Classes:
    """Return starts that lie apart: classes grown around rows drawn far from one another.

    The seeds are drawn as in k-means++ (Arthur and Vassilvitskii, SODA 2007), by the mean
    difference of known scores; every row then belongs to the seeds near it.
    """
    full = _filled(data)
    spread = np.sqrt(np.maximum(np.average((full - full.mean(0)) ** 2, axis=0), 1e-9))
    full = full / spread
    em = _Climb(data, data.weight, max(smoothing, 1.0))
    shares, levels = [], []
    for _ in range(starts):
        far = np.full(len(full), np.inf)
        near = np.empty((len(full), classes))
        for k in range(classes):
            chance = data.weight * (np.ones(len(full)) if k == 0 else far)
            total = chance.sum()
            chance = chance / total if total > 0 else data.weight / data.weight.sum()
            seed = full[rng.choice(len(full), p=chance)]
            near[:, k] = ((full - seed) ** 2).mean(axis=1)
            far = np.minimum(far, near[:, k])
        member = np.exp(-(near - near.min(axis=1, keepdims=True)) * 2)
        member = member / member.sum(axis=1, keepdims=True) * data.weight[:, None]
        shares.append(member.sum(axis=0))
        levels.append(member.T @ data.ones)
    size, n = np.stack(shares), np.stack(levels)
    nothing = np.full(starts, -np.inf)
    return Classes(em._log(size), em.normal(n + em.prior), nothing, nothing)


def _filled(data: Patterns) -> Array:
    """Return the rows as numbers, gaps at the domain's mean moved by the child's own severity."""
    rows = np.where(data.rows < 0, np.nan, data.rows.astype(float))
    mean = (data.shares() * np.arange(data.levels)).sum(axis=1)
    known = ~np.isnan(rows)
    off = np.where(known, rows - mean, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.where(known, rows, mean + off[:, None])
