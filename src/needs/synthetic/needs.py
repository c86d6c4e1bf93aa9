"""Needs of synthetic children: three profiles, thirteen domains, assessments with gaps.

A child has one profile for life. Scores are drawn domain by domain from the profile's own
probabilities, independently given the profile: a latent class model whose classes are known.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from needs.synthetic.episodes import Lives
from needs.synthetic.text import iso_days
from needs.synthetic.truth import PLACES

__all__ = ["DOMAINS", "PROFILES", "NeedsTruth", "assessed", "profiles"]

DOMAINS = (
    "safe_relationships",
    "emotional_mental_health",
    "understands_identity_life_story",
    "manage_emotions_boundaries",
    "expresses_wishes_and_opinions",
    "healthy_attachments_and_friendships",
    "educational_progress",
    "positive_social_activities",
    "age_appropriate_self_care",
    "age_appropriate_goals",
    "safe_decisions",
    "physical_health",
    "learning_disability",
)
"""The domains of document 002, table 1, in the order of their rank in foster care."""
PROFILES = ("fewer_needs", "relational_needs", "complex_needs")


@dataclass(frozen=True, slots=True)
class NeedsTruth:
    """The latent classes and what each looks like.

    Parameters
    ----------
    share : tuple of tuple of float
        Probability of each profile (:data:`PROFILES`) by last placement (rows ``PLACES``).
    need : tuple of tuple of float
        Probability that a domain is a need (score 1 or more), by profile; columns
        :data:`DOMAINS`. Set so that domains rank as document 002, table 1, prints them, in homes,
        in foster care and among all children, with shares that fall as evenly as can be (a linear
        program), and that average needs are those of its section 3, at the end of 2020.
    specialist : tuple of float
        Probability that a need is specialist (score 4), by profile.
    levels : tuple of tuple of float
        Probabilities of scores 1, 2, 3 of a need that is not specialist, by profile.
    assessed : float
        Share of children aged 4 and over who have assessments; younger ones half as often.
    skipped : float
        Share of single scores left blank.
    """

    share: tuple[tuple[float, ...], ...] = (
        (0.19, 0.65, 0.16),
        (0.19, 0.65, 0.16),
        (0.18, 0.65, 0.17),
        (0.01, 0.09, 0.90),
        (0.01, 0.09, 0.90),
        (0.01, 0.79, 0.20),
        (0.22, 0.62, 0.16),
        (0.90, 0.10, 0.00),
        (0.01, 0.09, 0.90),
        (0.30, 0.40, 0.30),
        (0.00, 0.10, 0.90),
    )
    need: tuple[tuple[float, ...], ...] = (
        (0.6, 0.484, 0.464, 0.21, 0.19, 0.17, 0.15, 0.13, 0.11, 0.09, 0.07, 0.05, 0.03),
        (0.97, 0.967, 0.97, 0.969, 0.874, 0.742, 0.636, 0.568, 0.518, 0.459, 0.411, 0.296, 0.25),
        (0.788, 0.82, 0.782, 0.995, 0.761, 0.927, 0.969, 0.96, 0.925, 0.869, 0.995, 0.906, 0.938),
    )
    specialist: tuple[float, ...] = (0.04, 0.04, 0.22)
    levels: tuple[tuple[float, ...], ...] = (
        (0.70, 0.25, 0.05),
        (0.35, 0.45, 0.20),
        (0.15, 0.40, 0.45),
    )
    assessed: float = 0.84
    skipped: float = 0.02

    def __post_init__(self) -> None:
        for row in (*self.share, *self.levels):
            if not np.isclose(sum(row), 1):
                raise ValueError(f"probabilities sum to {sum(row):.4f}, not one")

    def to_json(self) -> str:
        """Return the truth as JSON, keys sorted."""
        words = {"domains": DOMAINS, "profiles": PROFILES, "places": PLACES}
        return json.dumps({**words, **asdict(self)}, indent=1, sort_keys=True) + "\n"


def profiles(truth: NeedsTruth, lives: Lives, rng: np.random.Generator) -> pd.Series:
    """Return each child's profile, an index of :data:`PROFILES`, by child."""
    last = lives.episodes.drop_duplicates("child", keep="last").set_index("child")["placement"]
    cdf = np.cumsum(truth.share, axis=1)[last.to_numpy()]
    drawn = (rng.random(len(last))[:, None] > cdf).sum(1).clip(0, len(PROFILES) - 1)
    return pd.Series(drawn, index=last.index, name="profile")


def scores(truth: NeedsTruth, profile: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return scores 0 to 4, one row a child, one column a domain."""
    shape = (len(profile), len(DOMAINS))
    need = rng.random(shape) < np.array(truth.need)[profile]
    special = rng.random(shape) < np.array(truth.specialist)[profile][:, None]
    cdf = np.cumsum(truth.levels, axis=1)[profile]
    level = 1 + (rng.random(shape)[:, :, None] > cdf[:, None, :]).sum(2).clip(0, 2)
    return np.where(need, np.where(special, 4, level), 0)


def assessed(
    truth: NeedsTruth, lives: Lives, profile: pd.Series, since: str, rng: np.random.Generator
) -> pd.DataFrame:
    """Return assessments: at entry, and each year that a child stays, since the tool came.

    Returns
    -------
    pandas.DataFrame
        ``child_id, date, domain, score, occasion``; one row a score, blanks left out.
    """
    e = lives.episodes
    spells = e.assign(dec=e["dec"].fillna(pd.Timestamp(lives.end))).groupby("period")
    spans = spells.agg(child=("child", "first"), start=("decom", "min"), stop=("dec", "max"))
    c = lives.children.set_index("child")
    begun = pd.Timestamp(since)
    # Those in care when the tool came were assessed over its first half year.
    lag = pd.to_timedelta(rng.integers(7, 45, len(spans)), unit="D")
    rollout = begun + pd.to_timedelta(rng.integers(0, 180, len(spans)), unit="D")
    first = (spans["start"] + lag).where(spans["start"] >= begun, pd.Series(rollout, spans.index))
    age = (first - c["dob"].reindex(spans["child"]).to_numpy()).dt.days / 365.25
    chance = np.where(age < 4, truth.assessed * 0.75, truth.assessed)
    kept = spans.assign(date=first, known=rng.random(len(spans)) < chance)
    kept = kept[kept["known"] & (kept["date"] < kept["stop"])]
    years = np.arange(8)
    date = kept["date"].to_numpy()[:, None] + (years * 365).astype("timedelta64[D]")
    who, which = np.nonzero(date < kept["stop"].to_numpy()[:, None])
    child = kept["child"].to_numpy()[who]
    table = scores(truth, profile.reindex(child).to_numpy(), rng)
    n = len(child)
    out = pd.DataFrame({
        "child_id": np.repeat(c["id"].reindex(child).to_numpy(), len(DOMAINS)),
        "date": np.repeat(iso_days(date[who, which]), len(DOMAINS)),
        "domain": np.tile(DOMAINS, n),
        "score": table.ravel(),
        "occasion": np.repeat(np.where(which == 0, "entry", "review"), len(DOMAINS)),
    })  # fmt: skip
    return out[rng.random(len(out)) >= truth.skipped].reset_index(drop=True)
