"""Latent classes with a structure: ordinal shifts, a severity scale beside the classes, or both.

The logarithm of a level's probability is, up to a constant for each domain,

    base[class, domain, level] + level * (shift[class, domain] + slope[domain] * severity)

with ``base`` the same in all classes where they only shift. Without classes this is the
generalised partial credit model (Muraki, Applied Psychological Measurement 1992, vol. 16, pages
159-176); with classes and no severity the row-effects model of association (Goodman, Journal of
the American Statistical Association 1979, vol. 74, pages 537-552); with classes that are steps of
one scale a located latent class model (Formann, Applied Psychological Measurement 1992, vol. 16,
pages 1-13); with both a factor mixture
(Lubke and Muthén, Psychological Methods 2005, vol. 10, pages 21-39). Severity is normal, seen
through a smooth monotone curve where asked for (sinh-arcsinh: Jones and Pewsey, Biometrika
2009, vol. 96, pages 761-780), and is summed over at nodes. The likelihood of the known scores is
climbed by L-BFGS with its exact gradient.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from needs.profiles.patterns import Array, Patterns

Emission = Literal["ordinal", "onset", "free", "steps"]

__all__ = ["Emission", "Form", "Structured", "begin", "fit_structured", "members"]

REACH = 3.5
STEEPEST = 0.02
"""Weight of a quadratic pull to zero on shifts and slopes, which keeps them finite."""
LEAST_KNOWN = 0.5
"""Information, in children, below which no number is taken to be less known."""
FLAT = 1e-7
"""A climb ends when a step lifts the log-likelihood by less than this share of it."""


@dataclass(frozen=True)
class Form:
    """Which parts a model has.

    Attributes
    ----------
    classes : int
        Number of classes.
    emission : {"ordinal", "onset", "free", "steps"}
        How classes differ. ``ordinal``: they shift a domain along its scale. ``onset``: they
        also shift whether there is a need at all. ``free``: every class has its own
        probabilities. ``steps``: classes are steps of one severity scale, and shift all domains
        together.
    severity : bool
        Whether a severity scale acts within classes.
    curved : bool
        Whether severity may be skewed and heavy-tailed.
    loose : bool
        Whether severity pulls every level by itself, and not the higher the more (Bock's nominal
        model, Psychometrika 1972, vol. 37, pages 29-51).
    nodes : int
        Nodes over which severity is summed.
    """

    classes: int
    emission: Emission = "ordinal"
    severity: bool = False
    curved: bool = False
    loose: bool = False
    nodes: int = 15

    @property
    def free(self) -> bool:
        """Whether every class has its own probabilities."""
        return self.emission == "free"

    @property
    def steps(self) -> bool:
        """Whether classes are steps of one severity scale."""
        return self.emission == "steps"

    @property
    def shifts(self) -> int:
        """In how many ways a class shifts each domain by itself."""
        ways = {"ordinal": 1, "onset": 2}.get(self.emission, 0)
        return ways if self.classes > 1 else 0

    def parameters(self, data: Patterns) -> int:
        """Return how many parameters are free."""
        domains = data.domains_n
        if self.steps:
            return data.freedom() + domains + 2 * self.classes - 3
        each = data.freedom() if self.free else domains * self.shifts
        return (
            data.freedom() + (self.classes - 1) * (each + 1)
            + self.severity * (data.freedom() if self.loose else domains) + 2 * self.curved
        )  # fmt: skip


@dataclass(frozen=True)
class Structured:
    """A fitted model.

    Attributes
    ----------
    form : Form
        Its parts.
    share : numpy.ndarray, shape (classes,)
        Logarithm of each class's share.
    base : numpy.ndarray, shape (classes or 1, domains, levels)
    shift : numpy.ndarray, shape (classes, domains, ways)
    slope : numpy.ndarray, shape (domains, 1 or levels)
        How far severity pulls a domain up its scale, or each of its levels.
    step : numpy.ndarray, shape (classes,)
        Where classes stand on the severity scale, where they are its steps.
    curve : numpy.ndarray, shape (2,)
        Skewness and logarithm of the tail weight of severity.
    fit : float
        Logarithm of the likelihood.
    bic : float
        Bayesian information criterion (Schwarz 1978), smaller is better.
    taken : int
        Steps of the climb.
    """

    form: Form
    share: Array
    base: Array
    shift: Array
    slope: Array
    curve: Array
    step: Array
    fit: float = -np.inf
    bic: float = np.inf
    taken: int = 0

    def flat(self) -> Array:
        """Return every number that may move, in a row."""
        f = self.form
        parts = [self.share, self.base]
        parts += [self.shift] if f.shifts else []
        parts += [self.slope] if f.severity or f.steps else []
        parts += [self.step] if f.steps else []
        parts += [self.curve] if f.curved else []
        return np.concatenate([p.reshape(-1) for p in parts])

    def with_flat(self, flat: Array) -> Structured:
        """Return the model with other numbers."""
        f, at = self.form, 0
        found: dict[str, Any] = {}
        moves = {
            "share": True, "base": True, "shift": f.shifts > 0,
            "slope": f.severity or f.steps, "step": f.steps, "curve": f.curved,
        }  # fmt: skip
        names = [n for n, on in moves.items() if on]
        for name in names:
            shape = getattr(self, name).shape
            size = int(np.prod(shape))
            found[name] = flat[at : at + size].reshape(shape)
            at += size
        return replace(self, **found)

    def nodes(self) -> tuple[Array, Array, Array]:
        """Return nodes of severity, their weights, and how the nodes move with the curve."""
        if not self.form.severity:
            return np.zeros(1), np.ones(1), np.zeros((2, 1))
        x = np.linspace(-REACH, REACH, self.form.nodes)
        w = np.exp(-(x**2) / 2)
        skew, tail = self.curve
        u = (np.arcsinh(x) + skew) * np.exp(-tail)
        return np.sinh(u), w / w.sum(), np.stack([np.cosh(u) * np.exp(-tail), -np.cosh(u) * u])

    def pull(self) -> Array:
        """Return how far severity pulls each level, shape (domains, levels)."""
        out: Array = self.slope @ _pulls(self.base.shape[2], self.form.loose)
        return out

    def levels(self) -> Array:
        """Return logarithms of probabilities, shape (classes, nodes, domains, levels)."""
        at, _, _ = self.nodes()
        levels = self.base.shape[2]
        here = at[None, :] + self.step[:, None]
        logit = here[:, :, None, None] * self.pull()
        logit += (self.base + self.shift @ _ways(levels, self.shift.shape[2]))[:, None]
        logit = logit - logit.max(axis=3, keepdims=True)
        out: Array = logit - np.log(np.exp(logit).sum(axis=3, keepdims=True))
        return out


def _ways(levels: int, ways: int) -> Array:
    """Return the scores of levels that a shift is a multiple of: how high; or above one, any.

    Of two ways the second is whether there is any need and the first how high above the least,
    which is how high as well, since a sum of both is: apart, the two hardly hinder one another.
    """
    c = np.arange(levels, dtype=float)
    return c[None][:ways] if ways < 2 else np.stack([np.maximum(c - 1, 0), np.sign(c)])


def _pulls(levels: int, loose: bool) -> Array:
    """Return what slopes are multiplied with: each level by itself, or how high it is."""
    return np.eye(levels) if loose else np.arange(levels, dtype=float)[None]


def members(model: Structured, ones: Array) -> tuple[Array, Array, Array]:
    """Return probabilities (rows, classes, nodes), log-likelihoods (rows,) and log levels."""
    logs = model.levels()
    _, w, _ = model.nodes()
    share = model.share - np.log(np.exp(model.share - model.share.max()).sum()) - model.share.max()
    k, q = logs.shape[:2]
    joint = logs.reshape(k * q, -1) @ ones.T
    joint += (share[:, None] + np.log(w)).reshape(-1, 1)
    top = joint.max(axis=0)
    joint -= top
    np.exp(joint, out=joint)
    total = joint.sum(axis=0)
    joint /= total
    return joint.reshape(k, q, -1).transpose(2, 0, 1), np.log(total) + top, logs


def _value(flat: Array, model: Structured, data: Patterns, prior: Array) -> tuple[float, Array]:
    """Return minus the penalised log-likelihood and its gradient."""
    m = model.with_flat(flat)
    by_row, fit, logs = members(m, data.ones)
    at, w, move = m.nodes()
    k, q, _, levels = logs.shape
    member = by_row.transpose(1, 2, 0)
    member *= data.weight
    n = (member.reshape(k * q, -1) @ data.ones).reshape(logs.shape)
    n += w[:, None, None] * prior
    g = n - np.exp(logs) * n.sum(axis=3, keepdims=True)
    value = data.weight @ fit + (w[:, None, None] * prior * logs).sum()
    size = member.sum(axis=(1, 2))
    share = np.exp(m.share - m.share.max())
    parts = [size - size.sum() * share / share.sum()]
    parts.append(g.sum(axis=1) if m.base.shape[0] == k else g.sum(axis=(0, 1))[None])
    if m.form.shifts:
        ways = _ways(levels, m.form.shifts)
        parts.append(g.sum(axis=1) @ ways.T - STEEPEST * m.shift)
        value -= STEEPEST / 2 * (m.shift**2).sum()
    if m.form.severity or m.form.steps:
        here = at + m.step[:, None]
        pulled = np.einsum("kqjc,kq->jc", g, here) @ _pulls(levels, m.form.loose).T
        parts.append(pulled - STEEPEST * m.slope)
        value -= STEEPEST / 2 * (m.slope**2).sum()
    if m.form.steps:
        parts.append(np.einsum("kqjc,jc->k", g, m.pull()) - STEEPEST * m.step)
        value -= STEEPEST / 2 * (m.step**2).sum()
    if m.form.curved:
        parts.append(move @ np.einsum("kqjc,jc->q", g, m.pull()) - 4 * m.curve)
        value -= 2 * (m.curve**2).sum()
    return float(-value), -np.concatenate([p.reshape(-1) for p in parts])


def _reach_of(m: Structured, data: Patterns, prior: Array) -> Array:
    """Return how far each number may move before the likelihood notices, about.

    One over the square root of the information that children of known class and severity would
    give. A climb in units of these meets slopes of one size in all directions, and takes fewer
    steps.
    """
    by_row, _, logs = members(m, data.ones)
    at, w, move = m.nodes()
    k, q, _, levels = logs.shape
    member = by_row.transpose(1, 2, 0) * data.weight
    n = (member.reshape(k * q, -1) @ data.ones).reshape(logs.shape) + w[:, None, None] * prior
    p, n = np.exp(logs), n.sum(axis=3)

    def varied(ways: Array) -> Array:
        mean = p @ ways.T
        out: Array = (p @ (ways**2).T - mean**2) * n[..., None]
        return out

    size = member.sum(axis=(1, 2))
    each = (p * (1 - p) * n[..., None]).sum(axis=1)
    found = [size * (1 - size / size.sum()), each if m.base.shape[0] == k else each.sum(axis=0)]
    if m.form.shifts:
        found.append(varied(_ways(levels, m.form.shifts)).sum(axis=1))
    if m.form.severity or m.form.steps:
        here = (at + m.step[:, None]) ** 2
        found.append(np.einsum("kqjs,kq->js", varied(_pulls(levels, m.form.loose)), here))
    pulled = m.pull()
    mean = (p * pulled).sum(axis=3)
    spread = ((p * pulled**2).sum(axis=3) - mean**2) * n
    if m.form.steps:
        found.append(spread.sum(axis=(1, 2)))
    if m.form.curved:
        found.append((move**2) @ spread.sum(axis=(0, 2)) + 4)
    out: Array = 1 / np.sqrt(np.concatenate([f.reshape(-1) for f in found]) + LEAST_KNOWN)
    return out


def begin(form: Form, data: Patterns, member: Array) -> Structured:
    """Return where a climb begins.

    Parameters
    ----------
    form : Form
        Which parts the model has.
    data : Patterns
        Rows of scores.
    member : numpy.ndarray, shape (patterns, classes)
        Membership probabilities to begin from.
    """
    domains, levels = data.domains_n, data.levels
    share = data.shares()
    n = (member * data.weight[:, None]).T @ data.ones
    n = n.reshape(len(n), domains, levels) + share
    p = n / n.sum(axis=2, keepdims=True)
    base = np.log(p) if form.free else np.log(share)[None]
    size = np.maximum(data.weight @ member, 1e-3)
    slope = np.full(domains, 0.5 if form.classes == 1 else 0.3) * form.severity
    step = np.zeros(form.classes)
    shift = _tilted(p, share)
    if form.shifts == 2:
        odds = np.log(1 / p[..., 0] - 1) - np.log(1 / share[:, 0] - 1)
        above = _tilted(p[..., 1:], share[:, 1:])
        shift = np.stack([above, odds], axis=2)
    elif form.steps:
        left, value, right = np.linalg.svd(shift, full_matrices=False)
        slope, step = right[0] * np.sqrt(value[0]), left[:, 0] * np.sqrt(value[0])
    shift = shift.reshape(form.classes, domains, -1)[..., : form.shifts]
    slope = slope[:, None]
    slope = slope * np.arange(levels) if form.loose else slope
    return Structured(form, np.log(size / size.sum()), base, shift, slope, np.zeros(2), step)


def _tilted(p: Array, share: Array) -> Array:
    """Return by how much each class tilts each domain, to the first order."""
    c = np.arange(share.shape[1])
    p, share = p / p.sum(axis=2, keepdims=True), share / share.sum(axis=1, keepdims=True)
    mean = share @ c
    out: Array = (p @ c - mean) / np.maximum(share @ c**2 - mean**2, 1e-3)
    return out


def fit_structured(
    start: Structured, data: Patterns, smoothing: float = 1.0, steps: int = 400
) -> Structured:
    """Return the model that the climb from ``start`` leads to.

    Parameters
    ----------
    start : Structured
        Where to begin (:func:`begin`).
    data : Patterns
        Rows of scores.
    smoothing : float
        Children added to each class, spread over the levels of a domain as all children are.
    steps : int
        Most steps.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - slow

    prior = smoothing * data.shares()
    unit = _reach_of(start, data, prior)

    def value(at: Array) -> tuple[float, Array]:
        height, slope = _value(at * unit, start, data, prior)
        return height, slope * unit

    found = minimize(
        value, start.flat() / unit, (), "L-BFGS-B", True,
        options={"maxiter": steps, "maxcor": 20, "ftol": FLAT, "gtol": 1e-3},
    )  # fmt: skip
    model = start.with_flat(found.x * unit)
    fit = float(data.weight @ members(model, data.ones)[1])
    bic = -2 * fit + float(np.log(data.children_n)) * start.form.parameters(data)
    return replace(model, fit=fit, bic=bic, taken=int(found.nit))
