"""Length of stay read back from written returns equals what the written hazards imply.

The truth comes from the hazards alone, by forward equations in steps of a day: none of the
engine's code is used. The estimate is Kaplan and Meier's (J Am Stat Assoc 1958; 53: 457-481),
from returns that were written to disk and read by the product's own reader, with intervals
by a jackknife over groups of families (siblings stay alike).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from needs.inputs.registry import open_data
from needs.synthetic.engine import day_of, simulate
from needs.synthetic.episodes import lives
from needs.synthetic.places import located, synthetic_map
from needs.synthetic.returns import identifiers, upns, write_returns
from needs.synthetic.truth import AGE_EDGES, CARE_EDGES, MOVE_EDGES, PLACES, Truth, stationary
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.reference

YEARS = range(2014, 2024)
HORIZON = 5 * 365
GROUPS = 200
Z99 = 2.576
BANDS = ("under 1", "1 to 4", "5 to 9", "10 to 15", "16 and 17")
STUDY = """\
schema_version = 1
[authority]
name = "Synthetic County Council"
short_name = "Synthetic"
dfe_code = "699"
ons_code = "E10999099"
[period]
reporting_year = "2022-23"
as_at = 2023-03-31
[inputs]
ssda903 = ["returns/*/*.csv"]
[report]
synthetic = true
"""


@dataclass(frozen=True)
class Cells:
    """Children who enter, in cells of age: middle, width (years), first placement."""

    middle: np.ndarray
    width: np.ndarray
    place: np.ndarray
    uasc: bool


def entering(truth: Truth) -> dict[str, tuple[Cells, np.ndarray]]:
    """Cells of each group of children, and the weight of each cell in it."""
    found = {}
    for band, n in enumerate((2, 6, 6, 12, 8)):
        low, high = AGE_EDGES[band], AGE_EDGES[band + 1]
        width = (high - low) / n
        middle = low + width * (np.arange(n) + 0.5)
        place = np.repeat([truth.entry_place[band]], n, axis=0)
        found[BANDS[band]] = Cells(middle, np.full(n, width), place, False), np.full(n, 1 / n)
    age = np.repeat(np.arange(14, 18), 2)
    middle, width = age + np.tile([0.2475, 0.7425], 4), np.full(8, 0.495)
    place = np.array(truth.entry_place_uasc)[(age >= 16).astype(int)]
    weight = np.repeat(truth.uasc_age, 2) / 2
    found["unaccompanied"] = Cells(middle, width, place, True), weight
    return found


def survival(truth: Truth, cells: Cells, days: int) -> np.ndarray:
    """Chance of still being in care after each day, one row a cell (columns 0 to ``days``)."""
    edges = [*MOVE_EDGES, MOVE_EDGES[-1] + 1]
    stay = np.zeros((len(cells.middle), len(PLACES), edges[-1]))
    stay[:, :, 0] = cells.place
    tables = np.array(truth.destination)
    places = np.arange(len(PLACES))[None, :]
    out = np.ones((len(cells.middle), days + 1))
    for day in range(days):
        age = cells.middle + (day + 0.5) / 365.25
        band = np.clip(np.searchsorted(AGE_EDGES, age) - 1, 0, 4)[:, None]
        care = np.searchsorted(CARE_EDGES, day, side="right") - 1
        leave = np.take(truth.exit_base, places) * np.take(truth.exit_age, band)
        leave = leave * truth.exit_duration[care] * (truth.exit_uasc if cells.uasc else 1.0)
        moved = np.zeros(stay.shape[:2])
        for k in range(len(MOVE_EDGES)):
            move = np.take(truth.move_base, places) * np.take(truth.move_age, band)
            move = move * truth.move_duration[k]
            piece = stay[:, :, edges[k] : edges[k + 1]]
            gone = -np.expm1(-(leave + move) / 365.25)
            moved += piece.sum(axis=2) * gone * move / (leave + move)
            piece *= (1 - gone)[:, :, None]
        # The last bin holds everybody who has stayed longer than the last edge.
        stay[:, :, -1] += stay[:, :, -2]
        stay[:, :, 1:-1] = stay[:, :, :-2].copy()
        group = np.clip(band[:, 0] - 2, 0, 2)
        stay[:, :, 0] = np.einsum("ap,apq->aq", moved, tables[group])
        out[:, day + 1] = stay.sum(axis=(1, 2))
    # Within a cell ages are spread evenly, so eighteenth birthdays are too.
    reached = (cells.middle - cells.width / 2)[:, None] + np.arange(days + 1) / 365.25
    return out * np.clip((18 - reached) / cells.width[:, None], 0, 1)


def summaries(curve: np.ndarray) -> np.ndarray:
    """Shares in care after 28 days, 6 months, 1 and 2 years; median; mean up to the horizon.

    ``curve`` has a row a sample and a column a day, 0 to ``HORIZON``.
    """
    shares = curve[:, [28, 182, 365, 730]]
    below = np.argmax(curve < 0.5, axis=1)
    rows = np.arange(len(curve))
    high, low = curve[rows, below - 1], curve[rows, below]
    median = below - 1 + (high - 0.5) / (high - low)
    mean = (curve[:, :-1] + curve[:, 1:]).sum(axis=1) / 2
    return np.column_stack([shares, median, mean])


QUANTITIES = ("in care after 28 days", "in care after 182 days", "in care after 365 days",
              "in care after 730 days", "median days", "mean days within 5 years")  # fmt: skip


def kaplan_meier(length: np.ndarray, ended: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Survival curves: the first row with everybody, then with each group left out."""
    days = np.minimum(length, HORIZON + 1)
    ended = ended & (length <= HORIZON)
    shape = (GROUPS, HORIZON + 2)
    exits, all_ = np.zeros(shape), np.zeros(shape)
    np.add.at(exits, (group[ended], days[ended]), 1)
    np.add.at(all_, (group, days), 1)
    exits = np.vstack([exits.sum(0), exits.sum(0) - exits])
    all_ = np.vstack([all_.sum(0), all_.sum(0) - all_])
    at_risk = all_[:, ::-1].cumsum(axis=1)[:, ::-1]
    left = np.where(at_risk > 0, 1 - exits / np.maximum(at_risk, 1), 1.0)
    return left.cumprod(axis=1)[:, : HORIZON + 1]


@pytest.fixture(scope="module")
def written(tmp_path_factory, request, children_n):
    """Returns on disk, read back: one row a child's first period of care."""
    n = children_n if request.config.getoption("--long") else children_n // 3
    rng = np.random.default_rng(21)
    truth = stationary(n / len(YEARS), n / len(YEARS) / 10)
    h = simulate(truth, YEARS[0], YEARS[-1], rng, burn_in=0)
    told = lives(h, day_of(YEARS[-1], 4, 1), rng)
    ids, where = identifiers(len(told.children), rng), synthetic_map("E10999099", rng)
    children = told.children.assign(id=ids, upn=upns(told.children, rng))
    episodes = located(told.episodes, children, where, rng)
    folder = tmp_path_factory.mktemp("stays")
    (folder / "study.toml").write_text(STUDY, "utf-8")
    years = [ReportingYear(y) for y in YEARS]
    write_returns(
        replace(told, children=children, episodes=episodes), years, folder / "returns", rng
    )
    records = open_data(load_study(folder)).records
    e = records.episodes.sort_values(["child", "decom"], kind="stable")
    # A period of care runs on while each episode begins on the day the last one ended.
    new = e["decom"] != e.groupby("child")["dec"].shift()
    first = new.groupby(e["child"]).cumsum() == 1
    stays = e[first].groupby("child").agg(start=("decom", "min"), last=("dec", "last"))
    open_ = e[first].groupby("child")["dec"].apply(lambda d: d.isna().any())
    end = pd.Timestamp(YEARS[-1], 4, 1)
    stays["ended"] = ~open_
    stays["length"] = (stays["last"].mask(open_, end) - stays["start"]).dt.days
    kids = records.children.reindex(stays.index)
    stays["uasc"] = kids["uasc"].astype(bool)
    stays["age"] = (stays["start"] - kids["dob"]).dt.days / 365.25
    # Siblings begin on one day; those who do are taken for one family, which errs on the safe side.
    stays["group"] = stays["start"].dt.dayofyear.mul(7) + stays["start"].dt.year
    stays["group"] %= GROUPS
    return truth, stays


def test_length_of_stay_comes_back_inside_its_interval(written, shown):
    truth, stays = written
    band = np.clip(np.searchsorted(AGE_EDGES, stays["age"], side="right") - 1, 0, 4)
    named = np.where(stays["uasc"], "unaccompanied", np.array(BANDS)[band])
    rows = []
    for name, (cells, weight) in entering(truth).items():
        curve = weight @ survival(truth, cells, HORIZON + 1)
        # Days are whole: a stay of t days ended between t and t + 1, evenly.
        expected = summaries(((curve[:-1] + curve[1:]) / 2)[None, :])[0]
        mine = stays[named == name]
        found = summaries(kaplan_meier(*(mine[k].to_numpy() for k in ("length", "ended", "group"))))
        spread = np.sqrt((GROUPS - 1) / GROUPS * ((found[1:] - found[0]) ** 2).sum(axis=0))
        for quantity, t, value, se in zip(QUANTITIES, expected, found[0], spread, strict=True):
            if 0 < t < 0.01:  # nobody of 16 stays two years: eighteen ends it
                continue
            rows.append((f"{name}: {quantity}", t, value, value - Z99 * se, value + Z99 * se))
    out = shown(f"Length of stay of {len(stays):,} children", rows)
    assert len(rows) == 35
    # One in a hundred may leave a 99% interval by chance; of 35 that hang together, one at most.
    assert out <= 1


def test_a_wrong_hazard_would_be_found(written):
    """The interval is narrow enough: a tenth more exits would leave it."""
    truth, stays = written
    wrong = replace(truth, exit_base=tuple(1.1 * x for x in truth.exit_base))
    cells, weight = entering(wrong)["10 to 15"]
    curve = weight @ survival(wrong, cells, HORIZON + 1)
    mine = stays[(stays["age"] >= 10) & (stays["age"] < 16) & ~stays["uasc"]]
    found = summaries(kaplan_meier(*(mine[k].to_numpy() for k in ("length", "ended", "group"))))
    spread = np.sqrt((GROUPS - 1) / GROUPS * ((found[1:] - found[0]) ** 2).sum(axis=0))
    z = (summaries(((curve[:-1] + curve[1:]) / 2)[None, :])[0] - found[0]) / spread
    assert np.abs(z).max() > Z99
