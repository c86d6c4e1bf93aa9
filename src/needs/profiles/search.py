"""Every model of a set of scores that might be chosen, fitted: without classes, and with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from needs.profiles.em import Classes, posterior
from needs.profiles.patterns import Array, Patterns
from needs.profiles.severity import one_class_models
from needs.profiles.structure import Emission, Form, Structured, begin, fit_structured, members

__all__ = ["Candidate", "Settings", "fitted", "search"]

LEAST: dict[Emission, int] = {"free": 2, "ordinal": 2, "onset": 2, "steps": 3}
"""Ways in which classes may differ, and the least number of classes that each is for."""
SAME_HILL = 0.2
"""Climbs that end nearer than this in log-likelihood are taken to have met."""


@dataclass(frozen=True)
class Settings:
    """How models are fitted and compared.

    Attributes
    ----------
    most : int
        Greatest number of classes tried.
    every : bool
        Whether every number up to that is tried; otherwise a family of models is left off once
        two numbers in a row did worse.
    starts : int
        Starts for each number of classes.
    smoothing : float
        Children added to each class, spread as all children are.
    smallest : float
        Least share of children that a class may have.
    margin : float
        By how much the BIC must be less to need no further proof: a difference of ten is very
        strong evidence (Raftery, Sociological Methodology 1995, vol. 25, pages 111-163).
    draws : int
        Data sets drawn from the model without classes where the two are nearer than that.
    chance : float
        Greatest share of those in which classes may gain as much.
    resamples : int
        Draws of children for the stability of a number of classes.
    near : int
        Of how many classes more and less than the best the stability is told as well.
    agree : float
        Least median agreement (adjusted Rand index) of groups in those draws. Two smooth scales
        cut into groups come back less well than that (median 0.55 of those that a limit of 0.4
        let pass), groups whose number is right hardly ever do.
    sample : int
        Children among whom the choice is made where there are more.
    """

    most: int = 8
    every: bool = False
    starts: int = 12
    smoothing: float = 1.0
    smallest: float = 0.05
    margin: float = 10.0
    draws: int = 39
    chance: float = 0.05
    resamples: int = 10
    near: int = 1
    agree: float = 0.7
    sample: int = 10_000


@dataclass(frozen=True, eq=False)
class Candidate:
    """A fitted model and what speaks for it.

    Attributes
    ----------
    name : str
        independent, severity, severity_curved, severity_loose, classes, classes_severity.
    form : Form
        Its parts.
    parameters : int
        Free parameters.
    fit, bic : float
        Log-likelihood and Bayesian information criterion.
    member : numpy.ndarray, shape (patterns, classes)
        Membership probabilities.
    """

    name: str
    form: Form
    parameters: int
    fit: float
    bic: float
    member: Array = field(repr=False)
    model: Structured | None = field(default=None, repr=False)
    free: Classes | None = field(default=None, repr=False)

    def unsure(self, data: Patterns) -> float:
        """Return the entropy of membership, summed over children."""
        from needs.profiles.latent_class import entropy  # noqa: PLC0415 - slow

        return float(data.weight @ entropy(self.member))

    def smallest(self, data: Patterns) -> float:
        """Return the share of the smallest class."""
        return float((data.weight @ self.member).min() / data.weight.sum())


def of_structured(name: str, model: Structured, data: Patterns) -> Candidate:
    """Return a structured model as a candidate."""
    member = members(model, data.ones)[0].sum(axis=2)
    n = model.form.parameters(data)
    return Candidate(name, model.form, n, model.fit, model.bic, member, model)


def _free(data: Patterns, classes: int, s: Settings, rng: np.random.Generator) -> Candidate:
    from needs.profiles.latent_class import free_classes  # noqa: PLC0415 - slow

    found = free_classes(data, classes, s.starts, s.smoothing, 60, 1e-2, rng)
    form = Form(classes, "free")
    fit, n = float(found.fit[0]), form.parameters(data)
    member = posterior(data.ones, found.share[:1], found.level[:1])[0][:, 0]
    bic = -2 * fit + float(np.log(data.children_n)) * n
    return Candidate("classes", form, n, fit, bic, member, None, found)


def _shaped(data: Patterns, free: Candidate, form: Form, s: Settings) -> Candidate:
    """Return a model with structure, climbed to from where the one without ended."""
    if free.free is None:
        raise ValueError("a model without structure carries the climbs that led to it")
    hills = 1 if np.ptp(free.free.penalised[:2]) < SAME_HILL or form.steps else 2
    member = posterior(data.ones, free.free.share[:hills], free.free.level[:hills])[0]
    models = [
        fit_structured(begin(form, data, member[:, i]), data, s.smoothing)
        for i in range(member.shape[1])
    ]
    return of_structured("classes", min(models, key=lambda m: m.bic), data)


def fitted(data: Patterns, form: Form, s: Settings, rng: np.random.Generator) -> Candidate:
    """Return one model with classes, fitted from starts of its own."""
    free = _free(data, form.classes, s, rng)
    plain = free if form.free else _shaped(data, free, replace(form, severity=False), s)
    return _with_severity(data, plain, s) if form.severity else plain


def _with_severity(data: Patterns, plain: Candidate, s: Settings) -> Candidate:
    form = replace(plain.form, severity=True)
    model = fit_structured(begin(form, data, plain.member), data, s.smoothing)
    return of_structured("classes_severity", model, data)


def search(data: Patterns, s: Settings, rng: np.random.Generator) -> list[Candidate]:
    """Return models without classes, with classes, and with both classes and severity.

    Severity is tried within as many classes as did best without it; where it makes that model
    better, within fewer as well: part of those classes was severity.
    """
    without = one_class_models(data, s.smoothing)
    found = [of_structured(name, m, data) for name, m in without.items()]
    families: dict[Emission, dict[int, Candidate]] = {e: {} for e in LEAST}
    if data.levels < 3:  # then a need's onset is all there is to its scale
        del families["onset"]
    free = families["free"]
    for k in range(2, min(s.most, len(data.rows)) + 1):
        going = [e for e, family in families.items() if s.every or _still(family)]
        if not going:
            break
        free[k] = _free(data, k, s, rng)
        for e in going:
            if e != "free" and k >= LEAST[e]:
                families[e][k] = _shaped(data, free[k], Form(k, e), s)
    plain = [c for family in families.values() for c in family.values()]
    both = [c for e, family in families.items() if e != "steps" for c in _both(data, family, s)]
    return [*found, *plain, *both]


def _still(family: dict[int, Candidate]) -> bool:
    """Whether one of the last two numbers of classes did better than the one before it."""
    last = [c.bic for c in family.values()][-3:]
    return len(last) < 3 or last[2] < last[1] or last[1] < last[0]


def _both(data: Patterns, family: dict[int, Candidate], s: Settings) -> list[Candidate]:
    """Return the models of a family with severity inside that can be of use."""
    allowed = [c for c in family.values() if c.smallest(data) >= s.smallest]
    if not allowed:
        return []
    k = min(allowed, key=lambda c: c.bic).form.classes
    out = [_with_severity(data, family[k], s)]
    while out[-1].bic < family[k].bic and k > 2:
        k -= 1
        out.append(_with_severity(data, family[k], s))
    return out
