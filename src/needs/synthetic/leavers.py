"""Synthetic young people who are entitled to leaving-care support, with the law's own tests.

Children Act 1989, section 23A and schedule 2, paragraph 19B, with the Care Leavers (England)
Regulations 2010: eligible and relevant children are sixteen or seventeen, and were looked after
for thirteen weeks since they were fourteen and on a day since they were sixteen.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.synthetic.episodes import Lives, choose
from needs.synthetic.text import iso_days
from needs.vocabulary.periods import ReportingYear

__all__ = ["care_leavers"]

_THIRTEEN_WEEKS = 91
_STAY_ON = 0.3
"""Share of those of 21 to 24 who still ask for support."""
_LIVING = (("U1", 0.4), ("D1", 0.35), ("B1", 0.15), ("X2", 0.04), ("S2", 0.02), ("V2", 0.04))
_TOUCH = (("YES", 0.93), ("NO", 0.04), ("REFU", 0.03))
_ACTIVE = (
    ("F1", 0.06),
    ("F2", 0.28),
    ("P2", 0.02),
    ("F4", 0.04),
    ("F5", 0.14),
    ("P5", 0.06),
    ("G4", 0.1),
    ("G5", 0.24),
    ("G6", 0.06),
)


def _spans(lives: Lives, end: pd.Timestamp) -> pd.DataFrame:
    """Return of each child ``dob, uasc, first, last, rec, open, days``: what the tests rest on.

    ``days`` counts days of care since the fourteenth birthday; ``last`` is the day that the
    last episode ended, or the day after ``end``.
    """
    e = lives.episodes[lives.episodes["decom"] <= end].copy()
    after = end + pd.Timedelta(days=1)
    e["open"] = e["dec"].isna() | (e["dec"] > end)
    e["stop"] = e["dec"].mask(e["open"], after)
    people = lives.children.set_index("child")
    fourteen = people["dob"] + pd.DateOffset(years=14)
    since = e["decom"].where(e["decom"] > e["child"].map(fourteen), e["child"].map(fourteen))
    e["days"] = (e["stop"] - since).dt.days.clip(lower=0)
    made = e.groupby("child").agg(
        first=("decom", "min"), last=("stop", "max"), rec=("rec", "last"),
        open=("open", "last"), days=("days", "sum"),
    )  # fmt: skip
    return made.join(people[["dob", "uasc", "id"]])


def care_leavers(lives: Lives, last: ReportingYear, rng: np.random.Generator) -> pd.DataFrame:
    """Return those entitled on the last day, aged 16 to 24, in the columns of ``care_leavers``.

    Everybody who was eligible or relevant is former relevant from eighteen until 21 (section
    23C); after that three in ten, who are the ones that ask for support.
    """
    end = pd.Timestamp(last.end)
    s = _spans(lives, end)
    birthday = {n: s["dob"] + pd.DateOffset(years=n) for n in (16, 18, 21, 25)}
    minor = (birthday[16] <= end) & (birthday[18] > end)
    enough = (s["days"] >= _THIRTEEN_WEEKS) & (s["last"] > birthday[16])
    adult = (birthday[18] <= end) & (birthday[25] > end)
    asks = (birthday[21] > end) | (rng.random(len(s)) < _STAY_ON)
    kinds = {
        "eligible": minor & s["open"] & enough,
        "relevant": minor & ~s["open"] & enough,
        "former_relevant": adult & enough & asks,  # relevant children too, who left before 18
        "qualifying": minor & ~s["open"] & ~enough & (s["last"] > birthday[16]),
    }
    since = {
        "eligible": birthday[16],
        "relevant": s["last"],
        "former_relevant": birthday[18],
        "qualifying": s["last"],
    }
    parts = [
        s[there].assign(entitlement=kind, since=since[kind][there]) for kind, there in kinds.items()
    ]
    made = pd.concat(parts).sort_index()
    return _described(made, end, rng)


def _described(made: pd.DataFrame, end: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """Return the rows with home, contact and activity, which eligible children do not have."""
    n = len(made)
    stay = ((made["rec"] == "E17") & (made["dob"] + pd.DateOffset(years=21) > end)).to_numpy()
    where = np.where(stay, "Z1", choose(_LIVING, n, rng))
    suitable = np.where(np.char.endswith(where.astype(str), "1"), "yes", "no")
    there = (made["entitlement"] == "eligible").to_numpy()

    def left(values: np.ndarray) -> np.ndarray:
        return np.where(there, "", values)

    return pd.DataFrame({
        "child_id": made["id"].to_numpy(), "entitlement": made["entitlement"].to_numpy(),
        "from": iso_days(made["since"]), "to": "",
        "staying_put": left(np.where(stay, "yes", "no")), "accommodation": left(where),
        "suitable": left(suitable), "in_touch": left(choose(_TOUCH, n, rng)),
        "activity": left(choose(_ACTIVE, n, rng)),
        "uasc": np.where(made["uasc"].to_numpy(), "yes", "no"),
    })  # fmt: skip
