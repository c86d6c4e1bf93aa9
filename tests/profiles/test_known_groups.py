"""How often the number of groups is right, and how far children are told apart, in one table.

``make validate`` judges 200 authorities of 600 children for each separation and for each kind of
nothing, a fifth of the scores missing: half an hour and more. ``NEEDS_PROFILES_TRUTH`` names a
folder in which what is judged is kept, so that a run that was stopped goes on. The short form
judges a few.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import truth_profiles as tp

from needs.profiles.search import Settings

pytestmark = pytest.mark.unit

FEW = (
    ("any_levels", 3, 0.9, 3),
    ("steps", 3, 0.9, 12),
    ("independent", 1, 0.0, 0),
    ("skewed", 1, 0.0, 1),
)


def rows(*of):
    columns = ["form", "classes", "attains", "seed", "found", "of_own", "seconds"]
    return pd.DataFrame(of, columns=columns)


def test_groups_that_are_known_are_found(long_form, tmp_path, claims):
    if not long_form:
        found = pd.DataFrame([tp.judged(*cell, Settings(most=4, starts=6, near=0)) for cell in FEW])
        assert (found["found"] == found["classes"]).all()
        assert (found["of_own"].dropna() > 0.9).all()  # of single draws; on average 0.95
        return
    folder = Path(os.environ.get("NEEDS_PROFILES_TRUTH", tmp_path))
    tp.main(folder, 200)
    t = tp.table(pd.read_csv(folder / "rows.csv"))
    claims.told("number of groups found where it is known", t.to_string())
    whole = t.xs("", level="part")
    held = []
    for truth, least in (("0.90", 0.9), ("independent", 0.95), ("one smooth scale", 0.95)):
        share, n = whole.loc[truth, "right"], int(whole.loc[truth, "authorities"])
        words = f"number of groups right, {truth}, {n} authorities"
        held.append(claims.held(words, f"{share:.3f}", f"at least {least}", share >= least))
    for truth in ("0.90", "0.75", "0.60"):
        own = whole.loc[truth, "of_own"]
        words = f"adjusted Rand as a share of the truth's own where the number is right, {truth}"
        if truth == "0.90":
            held.append(claims.held(words, f"{own:.3f}", "at least 0.95", own >= 0.95))
        else:
            claims.stated(words, f"{own:.3f}")
            claims.stated(f"number of groups right, {truth}", f"{whole.loc[truth, 'right']:.3f}")
    two = whole.loc[tp.HARDER, "right"]
    claims.stated("no groups claimed on two smooth scales, which is no target", f"{two:.3f}")
    assert all(held)


def test_the_table_counts_what_was_right_and_how_sure_that_is():
    t = tp.table(rows(
        ("shifted", 3, 0.9, 0, 3, 0.96, 1), ("shifted", 4, 0.9, 1, 3, 0.7, 1),
        ("steps", 3, 0.9, 2, 5, 0.8, 1), ("needs", 4, 0.9, 3, 4, 0.9, 3),
        ("shifted", 3, 0.6, 0, 1, np.nan, 1),
        ("flat", 1, 0.0, 0, 1, np.nan, 1), ("faint", 1, 0.0, 1, 2, np.nan, 1),
        ("independent", 1, 0.0, 0, 1, np.nan, 1), ("plane", 1, 0.0, 0, 2, np.nan, 1),
    ))  # fmt: skip
    best = t.loc["0.90", ""]
    assert best[["authorities", "right_n", "right"]].tolist() == [4, 2, 0.5]
    assert best[["fewer", "more"]].tolist() == [0.25, 0.25]
    assert best["of_own"] == pytest.approx(0.93)  # only where the number is right
    assert best["of_own_all"] == pytest.approx((0.96 + 0.7 + 0.8 + 0.9) / 4)
    assert best["within_5"] == 0.5
    # Two of four by Wilson's formula: z = 1.96, centre 1/2, half z/(2 sqrt(n + z2)).
    half = 1.959964 / 2 / np.sqrt(4 + 1.959964**2)
    assert best[["low", "high"]].tolist() == pytest.approx([0.5 - half, 0.5 + half], abs=1e-3)
    assert t.loc["0.60", ""]["of_own_all"] == 0  # nothing claimed, nothing agreed
    assert t.loc["one smooth scale", ""]["right"] == 0.5
    assert t.loc["plane", ""]["right"] == 0
    assert t.loc["0.90", "shifted"]["authorities"] == 2
    assert t.loc["0.90", "4"]["right"] == 0.5


def test_every_cell_has_its_authorities_and_none_is_judged_twice(tmp_path, monkeypatch):
    cells = pd.DataFrame(tp.cells(200), columns=["form", "classes", "attains", "seed"])
    many = cells[cells["classes"] > 1]
    assert many.groupby("attains").size().to_dict() == {0.6: 200, 0.75: 200, 0.9: 200}
    assert many.groupby(["attains", "form"]).size().min() >= 35
    assert set(many["classes"]) == {3, 4, 5}
    none = cells[cells["classes"] == 1].groupby("form").size()
    assert none["independent"] == none[list(tp.SMOOTH)].sum() == 200
    judged = []

    def judge(form, classes, attains, seed, settings):
        judged.append((form, attains, seed))
        return rows((form, classes, attains, seed, classes, 1.0, 0.0)).iloc[0].to_dict()

    monkeypatch.setattr(tp, "judged", judge)
    tp.main(tmp_path, 2)
    tp.main(tmp_path, 3)
    assert len(judged) == len(set(judged)) == len(tp.cells(3))
