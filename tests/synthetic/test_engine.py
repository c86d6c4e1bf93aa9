"""The written truth is the truth: rates re-estimated from simulated lives come back."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from needs.synthetic.calibrate import Target, calibrated
from needs.synthetic.engine import EXIT, YEAR_DAYS, History, day_of, simulate, year_bounds
from needs.synthetic.truth import AGE_EDGES, CARE_EDGES, MOVE_EDGES, PLACES, growing, stationary

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def history(children_n):
    years = 20
    return simulate(
        stationary(children_n / years, children_n / years / 10), 2010, 2009 + years,
        np.random.default_rng(1), burn_in=0,
    )  # fmt: skip


def stretches(h: History, end: float) -> pd.DataFrame:
    """Person-time in pieces of constant hazard, cut without using the engine's own steps."""
    order = np.lexsort((np.arange(len(h.spell)), h.day, h.spell))
    spell, day, place = h.spell[order], h.day[order], h.place[order]
    last = np.append(spell[1:] != spell[:-1], True)
    stop = np.where(last, np.minimum(end, h.population.eighteen[spell]), np.append(day[1:], 0))
    event = np.where(last, "none", np.where(np.append(place[1:], 0) == EXIT, "exit", "move"))
    rows = pd.DataFrame({"spell": spell, "from": day, "to": stop, "place": place, "event": event})
    rows = rows[rows["place"] != EXIT]
    dob, begin = h.population.dob[rows["spell"]], h.population.start[rows["spell"]]
    # A birthday at eighteen is no event of the hazard: time at risk just ends.
    of_age = rows["to"] >= h.population.eighteen[rows["spell"]] - 1e-9
    rows.loc[of_age, "event"] = "none"
    edges = np.column_stack(
        [dob + a * YEAR_DAYS for a in AGE_EDGES[1:-1]]
        + [begin + d for d in CARE_EDGES[1:]]
        + [rows["from"].to_numpy() + d for d in MOVE_EDGES[1:]]
    )
    lo, hi = rows["from"].to_numpy()[:, None], rows["to"].to_numpy()[:, None]
    cuts = np.sort(np.concatenate([lo, np.clip(edges, lo, hi), hi], axis=1), axis=1)
    n = cuts.shape[1] - 1
    piece = rows.loc[rows.index.repeat(n)].reset_index(drop=True)
    piece["a"], piece["b"] = cuts[:, :-1].ravel(), cuts[:, 1:].ravel()
    piece["event"] = piece["event"].where(np.tile(np.arange(n) == n - 1, len(rows)), "none")
    # The event sits at the end of the last piece, which may be empty after clipping.
    piece = piece[(piece["b"] > piece["a"]) | (piece["event"] != "none")]
    middle = (piece["a"] + piece["b"]) / 2
    p = h.population
    age = (middle - p.dob[piece["spell"]]) / YEAR_DAYS
    piece["age"] = np.clip(np.searchsorted(AGE_EDGES, age) - 1, 0, 4)
    piece["care"] = np.searchsorted(CARE_EDGES, middle - p.start[piece["spell"]]) - 1
    piece["stay"] = np.searchsorted(MOVE_EDGES, middle - piece["from"]) - 1
    piece["uasc"] = p.uasc[piece["spell"]]
    piece["years"] = (piece["b"] - piece["a"]) / YEAR_DAYS
    return piece


def effects(piece: pd.DataFrame, event: str, duration: str, truth) -> list[tuple]:
    """Poisson regression of events on exposure: each effect against the written one.

    Effects are rate ratios of what is seen to what is written, so that the truth of each is 1.
    """
    keys = ["place", "age", duration, "uasc"]
    cells = (
        piece.assign(y=piece["event"] == event).groupby(keys, as_index=False)[["y", "years"]].sum()
    )
    cells = cells[cells["years"] > 0]
    if event == "exit":
        expected = truth.exit_hazard(
            cells["place"], cells["age"], cells["care"], cells["uasc"], 2015
        )
    else:
        expected = truth.move_hazard(cells["place"], cells["age"], cells["stay"], 2015)
    x = pd.get_dummies(cells[["place", "age", duration]].astype("category"), dtype=float)
    x["uasc"] = cells["uasc"].astype(float)
    x = x.drop(columns=[f"age_{cells['age'].min()}", f"{duration}_0"])
    seen = x.mul(cells["y"], axis=0).sum() >= 10
    x = x.loc[:, seen]
    fit = sm.GLM(
        cells["y"].astype(float), x, family=sm.families.Poisson(),
        offset=np.log(cells["years"] * expected),
    ).fit()  # fmt: skip
    words = {f"place_{i}": f"placement {p}" for i, p in enumerate(PLACES)}
    rows = [
        (f"{event}: {words.get(k, k)}", 1.0, *np.exp([b, b - 2.576 * se, b + 2.576 * se]))
        for k, b, se in zip(x.columns, fit.params, fit.bse, strict=True)
    ]
    n, total = cells["y"].sum(), (cells["years"] * expected).sum()
    wide = 2.576 * np.sqrt(n)
    return [*rows, (f"{event}: events in all", total, n, n - wide, n + wide)]


@pytest.mark.parametrize(("event", "duration"), [("exit", "care"), ("move", "stay")])
def test_hazards_come_back_inside_their_intervals(history, shown, event, duration):
    piece = stretches(history, float(day_of(2029, 4, 1)))
    rows = effects(piece, event, duration, stationary())
    out = shown(f"Hazards of {event}s: ratio of the re-estimated to the written", rows)
    # One in a hundred may leave a 99% interval by chance; of about twenty, one at most.
    assert len(rows) >= 16
    assert out <= 1


def test_entries_and_their_ages_come_back(history, shown, children_n):
    p = history.population
    first = ~pd.Series(p.child).duplicated().to_numpy()
    ours, n_uasc = first & ~p.uasc, int((first & p.uasc).sum())
    n = int(ours.sum())
    # Families arrive by a Poisson process, so children are overdispersed by E[n²]/E[n].
    sizes, k = np.array(stationary().sibling_sizes), np.arange(1, 5)
    spread = (sizes @ k**2) / (sizes @ k)
    rows = []
    for name, truth, found, factor in (
        ("entries in 20 years, not UASC", children_n, n, spread),
        ("entries in 20 years, UASC", children_n / 10, n_uasc, 1.0),
    ):
        wide = 2.576 * np.sqrt(found * factor)
        rows.append((name, truth, found, found - wide, found + wide))
    age = (p.start - p.dob)[ours] / YEAR_DAYS
    share = np.histogram(age, AGE_EDGES)[0] / n
    asylum = np.floor((p.start - p.dob)[first & p.uasc] / YEAR_DAYS)
    named = [
        (f"share entering from {a} to below {b}", truth, found, n / spread)
        for a, b, truth, found in zip(
            AGE_EDGES, AGE_EDGES[1:], stationary().entry_age, share, strict=False
        )
    ]
    named += [
        (f"share of UASC entering at {a}", truth, (asylum == a).mean(), n_uasc)
        for a, truth in zip(range(14, 18), stationary().uasc_age, strict=True)
    ]
    for name, truth, found, size in named:
        wide = 2.576 * np.sqrt(truth * (1 - truth) / size)
        rows.append((name, truth, found, found - wide, found + wide))
    assert shown("Entries", rows) == 0


def test_siblings_are_closer_in_age_than_strangers(history):
    p = history.population
    frame = pd.DataFrame({"family": p.family, "age": p.start - p.dob})[~p.uasc]
    sizes = frame.groupby("family")["age"].transform("size")
    within = frame[sizes > 1].groupby("family")["age"].std().mean()
    assert within < 0.8 * frame["age"].std()


def test_nobody_stays_beyond_eighteen_and_events_are_in_order(history):
    day = pd.Series(history.day).groupby(history.spell, sort=False)
    assert (day.diff().dropna() > 0).all()
    assert (history.day <= history.population.eighteen[history.spell]).all()


def test_a_growing_authority_grows_by_what_is_written():
    h = simulate(growing(2000, 0, 0.1), 2010, 2019, np.random.default_rng(2), burn_in=0)
    p = h.population
    fresh = ~pd.Series(p.child).duplicated().to_numpy()
    counts = [
        ((p.start >= a) & (p.start < b) & fresh).sum() for a, b in map(year_bounds, (2010, 2019))
    ]
    assert counts[1] / counts[0] == pytest.approx(1.1**9, rel=0.1)


def test_the_same_seed_gives_the_same_lives():
    a, b = (simulate(stationary(50, 5), 2020, 2021, np.random.default_rng(7), 2) for _ in range(2))
    assert np.array_equal(a.day, b.day)
    assert np.array_equal(a.place, b.place)


@pytest.mark.parametrize("seed", range(6))
def test_a_calibrated_year_ends_on_the_published_counts(seed):
    places = {
        "kinship": 20,
        "in_house_foster": 25,
        "ifa": 40,
        "in_house_home": 2,
        "external_home": 20,
    }
    targets = {2020: Target(130, {}), 2021: Target(150, places, 12), 2022: Target(140, places, 20)}
    h = calibrated(stationary(55, 8), targets, np.random.default_rng(seed))
    order = np.lexsort((np.arange(len(h.spell)), h.day, h.spell))
    for year, target in targets.items():
        day = float(day_of(year, 4, 1))
        past = order[h.day[order] < day]
        state = pd.Series(h.place[past], h.spell[past]).groupby(level=0).last()
        state = state[state != EXIT]
        assert len(state) == target.total
        for name, n in target.places.items():
            assert (state == PLACES.index(name)).sum() == n
        if target.uasc is not None:
            assert h.population.uasc[state.index].sum() == target.uasc
