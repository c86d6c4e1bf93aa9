"""What later returns changed, on a drawn example in which each reason stands once, by hand.

The return of the year, and the next. The days that matter are 31 March 2021 and 2022.

child  return of 2022                       return of 2023                        so it counts
A      open since May 2020                  the same                              then and now
I1,I2  I1 open since June 2021              I2 instead, same birthday and day     twice now
L, M   nothing                              open since February, March 2022       now
S      open since 10 April 2021             the same care since 20 March 2021     a year earlier
E      open since May 2021                  ended 15 March 2022                   then
R      ended 10 February 2022               not ended                             now
P      June to August 2021                  again since 10 February 2022          now
W      open since January 2022              December to 20 January, other home    then
V      a care order                         a series of short breaks              then
G      17 on the day                        18 since February 2022                then
C      began anew (S)                       a change of legal status (L)          as before
X      went home in January 2022            another episode should follow         as before
"""

from __future__ import annotations

import dataclasses

import drawn_returns
import numpy as np
import pandas as pd
import pytest
from peer_sample import PEER, peer_study
from reader import Reader, figures_of, learn_care, learn_quality, learn_restated, truth_of

from needs.assurance.release import release
from needs.care import chapter20, results_flows, results_restated, results_stock
from needs.care.basis import Basis
from needs.care.flows import flow_counts
from needs.care.kin import FAMILY
from needs.care.restated import IN_SHORT, REASONS, restated
from needs.inputs.registry import open_data
from needs.vocabulary.kin import STUDY, Family
from needs.vocabulary.records import Published, StudyData
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.unit

FIRST = """
    CHILD | DECOM      | DEC        | REC | RNE | LS | PLACE
    A     | 01/05/2020 |            |     | S   | C2 | U4
"""
SECOND = """
    CHILD | DECOM      | DEC        | REC | RNE | LS | PLACE
    A     | 01/05/2020 |            |     | S   | C2 | U4
    I1    | 10/06/2021 |            |     | S   | C2 | U4
    S     | 10/04/2021 |            |     | S   | C2 | U4
    E     | 01/05/2021 |            |     | S   | C2 | U4
    R     | 01/05/2021 | 10/02/2022 | E4A | S   | C2 | U4
    P     | 01/06/2021 | 01/08/2021 | E4A | S   | C2 | U4
    W     | 10/01/2022 |            |     | S   | C2 | U4
    V     | 01/09/2021 |            |     | S   | C2 | U4
    G     | 01/09/2021 |            |     | S   | C2 | U4
    C     | 11/10/2021 |            |     | S   | C2 | U4
    X     | 01/11/2021 | 10/01/2022 | E4A | S   | C2 | U4
"""
THIRD = """
    CHILD | DECOM      | DEC        | REC | RNE | LS | PLACE
    A     | 01/05/2020 |            |     | S   | C2 | U4
    I2    | 10/06/2021 |            |     | S   | C2 | U4
    L     | 05/02/2022 |            |     | S   | C2 | U4
    M     | 06/03/2022 |            |     | S   | C2 | U4
    S     | 20/03/2021 |            |     | S   | C2 | U4
    E     | 01/05/2021 | 15/03/2022 | E4A | S   | C2 | U4
    R     | 01/05/2021 |            |     | S   | C2 | U4
    P     | 10/02/2022 |            |     | S   | C2 | K2
    W     | 01/12/2021 | 20/01/2022 | X1  | S   | C2 | K2
    V     | 01/09/2021 |            |     | S   | V4 | U4
    G     | 01/09/2021 |            |     | S   | C2 | U4
    C     | 11/10/2021 |            |     | L   | C2 | U4
    X     | 01/11/2021 | 10/01/2022 | X1  | S   | C2 | U4
    Z     | 01/05/2022 | 10/06/2022 | E4A | S   | C2 | U4
    Z     | 01/08/2022 | 10/09/2022 | E4A | S   | C2 | U4
    Z     | 01/11/2022 | 10/12/2022 | E4A | S   | C2 | U4
"""
PEOPLE = {
    2022: {"G": {"DOB": "05/05/2004"}, "I1": {"DOB": "01/01/2009", "SEX": "2"}},
    2023: {"G": {"DOB": "05/02/2004"}, "I2": {"DOB": "01/01/2009", "SEX": "2"}},
}
RETURNS = {2021: FIRST, 2022: SECOND, 2023: THIRD}
# 2021-22, 31 March 2022: A, I1, S, E, W, V, G, C then; A, I1, I2, L, M, S, R, P, C now.
# 2021-22 started: I1, S, E, R, P, W, V, G, C, X then; I1, I2, L, M, E, R, P, W, G, X now.
# 2021-22 ceased: R, P, X then; P, E now.
COUNTS = {
    ("stock", "2020-21"): (1, 2),
    ("started", "2020-21"): (1, 2),
    ("ceased", "2020-21"): (0, 0),
    ("stock", "2021-22"): (8, 9),
    ("started", "2021-22"): (10, 10),
    ("ceased", "2021-22"): (3, 2),
}
CHANGES = {
    ("stock", "2020-21", "S"): (1, "start"),
    ("started", "2020-21", "S"): (1, "start"),
    ("stock", "2021-22", "I2"): (1, "identifier"),
    ("stock", "2021-22", "L"): (1, "child_late"),
    ("stock", "2021-22", "M"): (1, "child_late"),
    ("stock", "2021-22", "R"): (1, "end"),
    ("stock", "2021-22", "P"): (1, "episode_late"),
    ("stock", "2021-22", "E"): (-1, "end"),
    ("stock", "2021-22", "W"): (-1, "withdrawn"),
    ("stock", "2021-22", "V"): (-1, "short_breaks"),
    ("stock", "2021-22", "G"): (-1, "age"),
    ("started", "2021-22", "I2"): (1, "identifier"),
    ("started", "2021-22", "L"): (1, "child_late"),
    ("started", "2021-22", "M"): (1, "child_late"),
    ("started", "2021-22", "S"): (-1, "start"),
    ("started", "2021-22", "V"): (-1, "short_breaks"),
    ("started", "2021-22", "C"): (-1, "code"),
    ("ceased", "2021-22", "E"): (1, "end"),
    ("ceased", "2021-22", "R"): (-1, "end"),
    ("ceased", "2021-22", "X"): (-1, "code"),
}


def found(data):
    """Return counts and changes as drawn above: by kind, year and child."""
    basis = Basis.of(data)
    windows = basis.shown.windows
    made = restated(basis.records, windows, basis.scope)
    counts = {
        (kind, windows[at].key): (first, now)
        for kind, at, first, now in made.counts.itertuples(index=False)
    }
    changes = {
        (kind, windows[at].key, str(basis.records.ids[child])): (sign, reason)
        for kind, at, child, sign, reason in made.changes.itertuples(index=False)
    }
    return counts, changes


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The example, read from its files."""
    return drawn_returns.write(tmp_path_factory.mktemp("drawn"), RETURNS, PEOPLE)


def test_every_reason_of_the_drawn_example(drawn):
    counts, changes = found(drawn)
    assert changes == CHANGES
    assert counts == COUNTS


def test_a_status_as_unaccompanied_child_that_came_later(tmp_path):
    same = {y: THIRD for y in (2022, 2023)}
    data = drawn_returns.write(tmp_path, same, PEOPLE, {2023: "L"}, unaccompanied=False)
    changes = found(data)[1]
    of_l = {k: v for k, v in changes.items() if k[2] == "L"}
    assert of_l == {
        ("stock", "2021-22", "L"): (-1, "unaccompanied"),
        ("started", "2021-22", "L"): (-1, "unaccompanied"),
    }


def adds_up(made):
    """Hold that the reasons of each count make its difference, each child once."""
    keys = ["kind", "window"]
    assert not made.changes.duplicated([*keys, "child"]).any()
    assert set(made.changes["reason"]) <= set(REASONS)
    by_reason = made.changes.groupby([*keys, "reason"])["sign"].sum()
    difference = by_reason.groupby(level=keys).sum()
    counts = made.counts.set_index(keys)
    off = counts["now_n"] - counts["first_n"]
    pd.testing.assert_series_equal(
        difference.reindex(off.index, fill_value=0), off, check_names=False, check_dtype=False
    )


def shuffled(rng, years, children=40):
    """Return returns of some children that are told anew, and otherwise, each year."""
    out, people, asylum = {}, {}, {}
    for year in years:
        lines = ["CHILD | DECOM | DEC | REC | RNE | LS | PLACE"]
        for n in range(children):
            start = pd.Timestamp(2018, 4, 1) + pd.Timedelta(days=30 * n)
            start += pd.Timedelta(days=int(rng.choice([0, 0, 0, 0, 9, 40])))
            if start >= pd.Timestamp(year, 3, 25) or rng.random() < 0.1:
                continue
            left = rng.random() < 0.3
            end = pd.Timestamp(year, 3, 31) - pd.Timedelta(days=int(rng.integers(0, 300)))
            left = left and end > start
            codes = (
                rng.choice(["E4A", "X1"]) if left else "",
                rng.choice(["S", "S", "S", "L"]),
                rng.choice(["C2", "C2", "C2", "V4"]),
                rng.choice(["U4", "K2"]),
            )
            day = f"{end:%d/%m/%Y}" if left else ""
            lines.append(" | ".join([f"N{n}", f"{start:%d/%m/%Y}", day, *codes]))
            born = rng.choice(["15/06/2010", f"01/01/{year - 18}", "04/04/2004"])
            people.setdefault(year, {})[f"N{n}"] = {"DOB": born}
        lines += [
            f"Z | 01/0{m}/{year - 1} | 09/0{m}/{year - 1} | E4A | S | C2 | U4" for m in "5678"
        ]
        out[year] = "\n".join(lines)
        asylum[year] = " ".join(f"N{n}" for n in rng.choice(children, 8) if f"N{n} " in out[year])
    return out, people, asylum


@pytest.mark.parametrize("seed", range(8))
def test_reasons_make_the_difference_whatever_the_returns_say(tmp_path, seed, long_form):
    if seed and not long_form:
        pytest.skip("long form: make validate")
    rng = np.random.default_rng(seed)
    years = (2020, 2021, 2023)  # that of 2022 is missing
    returns, people, asylum = shuffled(rng, years)
    data = drawn_returns.write(
        tmp_path / "all", returns, people, asylum, unaccompanied=bool(seed % 2)
    )
    basis = Basis.of(data)
    made = restated(basis.records, basis.shown.windows, basis.scope)
    adds_up(made)
    assert len(made.changes) > 20
    assert made.counts["window"].nunique() == 2
    # What was first known is what a study says that has only the files up to that year.
    for at in (0, 1):
        early = {y: returns[y] for y in years[: at + 1]}
        told = drawn_returns.write(
            tmp_path / str(at), early, people, asylum, unaccompanied=bool(seed % 2)
        )
        then = Basis.of(told)
        want = flow_counts(then.records, then.shown.windows[-1:], then.scope).iloc[0]
        got = made.counts[made.counts["window"] == at].set_index("kind")["first_n"]
        assert got["stock"] == want["stock_end_n"]
        assert (got["started"], got["ceased"]) == (want["started_n"], want["ceased_n"])


def test_the_peers_returns_restate_what_an_independent_count_finds(tmp_path):
    """The stock of each return by itself, counted from its file by the DfE's rule alone."""
    folder = peer_study(tmp_path)
    basis = Basis.of(open_data(load_study(folder / "study.toml")))
    made = restated(basis.records, basis.shown.windows, basis.scope)
    adds_up(made)
    stock = made.counts[made.counts["kind"] == "stock"].set_index("window")
    now = flow_counts(basis.records, basis.shown.windows, basis.scope)["stock_end_n"]
    assert stock["now_n"].tolist() == now[stock.index].tolist()
    for at in stock.index:
        year = basis.shown.windows[at].year.end_year
        assert stock.loc[at, "first_n"] == children_of(PEER, year), year


def children_of(folder, year):
    """Return the children whose last episode in one return's file runs on past its end."""
    # The peer names a return by the year that it begins in.
    e = pd.read_csv(folder / f"{year - 1}-episodes.csv", dtype=str)
    born = pd.read_csv(folder / f"{year - 1}-header.csv", dtype=str).set_index("CHILD")["DOB"]
    for name in ("DECOM", "DEC"):
        e[name] = pd.to_datetime(e[name], format="%d/%m/%Y")
    e["DOB"] = pd.to_datetime(e["CHILD"].map(born), format="%d/%m/%Y")
    end = pd.Timestamp(year, 3, 31)
    e["OPEN"] = e["DEC"].isna() | (e["DEC"] > end)
    last = e[e["DECOM"] <= end].sort_values(["DECOM", "OPEN"]).drop_duplicates("CHILD", keep="last")
    adult = last["DOB"] + pd.DateOffset(years=18) <= end
    excepted = (last["LS"] == "V2") & (last["PLACE"] == "K2")
    return int((last["OPEN"] & ~last["LS"].isin(["V3", "V4"]) & (~adult | excepted)).sum())


class TestPage:
    """What chapter 20 says of it."""

    def test_one_return_has_nothing_to_tell_and_says_so(self, tmp_path):
        data = drawn_returns.write(tmp_path, {2022: SECOND}, PEOPLE)
        for analysis in (chapter20.restated, chapter20.restated_reasons):
            assert analysis(data).table["marker"].tolist() == ["x"]
        assert "one return alone" in chapter20.restated(data).notes[0]

    def test_records_that_no_return_was_read_for_say_so(self, draw):
        episodes = {"child": ["a"], "decom": ["2021-05-01"], "dec": [None], "rne": ["S"]}
        episodes |= {
            "ls": ["C2"],
            "cin": ["N1"],
            "place": ["U4"],
            "provider": ["PR1"],
            "rec": [None],
        }
        children = {"child": ["a"], "sex": ["male"], "dob": ["2010-01-01"], "uasc": [None]}
        records = draw.records(pd.DataFrame(children), pd.DataFrame(episodes), [2022, 2023])
        data = draw.data(records, draw.study())
        assert "not read from returns" in chapter20.restated(data).notes[0]

    def test_an_extract_as_the_newest_return_corrects_the_years_before(self, tmp_path):
        inputs = "extract_ends = {'2023-episodes.csv' = 2022-12-31, '2023-header.csv' = 2022-12-31}"
        data = drawn_returns.write(tmp_path, RETURNS, PEOPLE, inputs=inputs, as_at="2022-12-31")
        assert [w.part for w in Basis.of(data).shown.windows] == [False, False, True]
        counts, changes = found(data)
        assert (counts, changes) == (COUNTS, CHANGES)

    def test_an_r_stands_at_what_changed_and_small_changes_are_not_told(self, drawn):
        table = chapter20.restated(drawn).table
        marked = table.loc[table["marker"] == "r", ["measure", "group"]]
        different = [f"{k}_{y.replace('-', '_')}" for (k, y), (a, b) in COUNTS.items() if a != b]
        assert sorted(map(tuple, marked.to_numpy())) == sorted(("now_n", g) for g in different)
        shown = release(alone()[2](drawn), drawn.study, "20")
        told = [r.id for r in shown.rows if r.measure in ("first_n", "added_n", "removed_n")]
        hidden = [r.id for r in shown.rows if r.marker == "c"]
        assert "cla_restated.first_n.stock_2021_22.2022-03-31" in hidden
        assert "cla_restated.added_n.stock_2021_22.2022-03-31" in hidden
        assert not {r.value for r in shown.rows if r.id in told} & set("12345")

    def test_every_reason_of_a_row_is_named_beside_it(self, drawn):
        why = chapter20.restated(drawn).row_notes["Why"]
        for kind in ("stock", "started", "ceased"):
            met = {r for (k, y, _), (_, r) in CHANGES.items() if (k, y) == (kind, "2021-22")}
            assert set(why[f"{kind}_2021_22"].split(", ")) == {IN_SHORT[r] for r in met}
        assert why["ceased_2020_21"] == ""

    def test_a_published_figure_stands_beside_as_it_was_printed(self, drawn):
        figures = pd.DataFrame(
            [
                ("A", "2022-03-31", "children_n", 7.0),
                ("B", "2021-22", "children_n", 8.0),
                ("B", "2021-22", "started_n", 10.0),
                ("B", "2020-21", "ceased_n", 4.0),
                ("B", "2021-08", "children_n", 5.0),
            ],
            columns=["document", "period", "measure", "value"],
        ).assign(area="E10000099", group="all", by="", table="")
        study = drawn.study.model_copy(
            update={"inputs": drawn.study.inputs.model_copy(update={"published": ("p.csv",)})}
        )
        readers = {"ssda903": lambda _: drawn.records, "published": lambda _: Published(figures)}
        result = chapter20.restated(StudyData(study, readers))
        table = result.table[result.table["measure"].str.startswith("printed")]
        got = {
            (m, g): v for m, g, v in table[["measure", "group", "value"]].itertuples(index=False)
        }
        assert got == {
            ("printed_n", "stock_2021_22"): 7.0,
            ("printed_2_n", "stock_2021_22"): 8.0,
            ("printed_n", "started_2021_22"): 10.0,
            ("printed_n", "ceased_2020_21"): 4.0,
        }
        assert result.row_notes["Why"]["ceased_2020_21"] == "the document counts otherwise"


def alone(ties=FAMILY.ties):
    """Return the restated counts with those that they stand beside, protected as one."""
    family = Family("restated alone", ties)
    made = (results_stock.stock, results_flows.flows, results_restated.restated)
    return [family(a) for a in (*made, results_restated.restated_reasons)]


def nearly_right(rng, years, children=150):
    """Return returns of lives that are the same in each, but for few mistakes in each."""
    out, people = {}, {}
    first, last = pd.Timestamp(years[0] - 2, 4, 2), pd.Timestamp(years[-1], 3, 20)
    start = first + pd.to_timedelta(rng.integers(0, (last - first).days, children), unit="D")
    end = start + pd.to_timedelta(rng.integers(200, 1500, children), unit="D")
    for year in years:
        begin, close = pd.Timestamp(year - 1, 4, 1), pd.Timestamp(year, 3, 31)
        lines = ["CHILD | DECOM | DEC | REC | RNE | LS"]
        for n in range(children):
            wrong = rng.choice(["", "missing", "open", "V4", "adult", "L"], p=[0.93] + [0.014] * 5)
            if start[n] > close or end[n] < begin or wrong == "missing":
                # Told late: what the return before left open or did not have at all.
                if start[n] > close or end[n] < begin - pd.Timedelta(days=365) or wrong:
                    continue
            left = end[n] <= close and wrong != "open"
            day, rec = (f"{end[n]:%d/%m/%Y}", "E4A") if left else ("", "")
            ls, rne = ("V4" if wrong == "V4" else "C2"), ("L" if wrong == "L" else "S")
            lines.append(f"N{n} | {start[n]:%d/%m/%Y} | {day} | {rec} | {rne} | {ls}")
            if wrong == "adult":
                people.setdefault(year, {})[f"N{n}"] = {"DOB": f"01/01/{year - 18}"}
        out[year] = "\n".join(lines)
    return out, people


def told_by_a_report(folder, seed):
    """Return the hidden small counts of restated tables, and what other tables tell of them."""
    returns, people = nearly_right(np.random.default_rng(seed), (2021, 2022, 2023))
    data = drawn_returns.write(folder, returns, people)
    kin = STUDY.kin(data)
    results = list(kin.make()[0].values())
    released = [release(dataclasses.replace(r, kin=kin), data.study, "20") for r in results]
    printed, true = figures_of(released), truth_of(results)
    counts = {i: n for i, n in printed.items() if "_n." in i and i in true}

    def learn(reader):
        learn_quality(reader)
        learn_care(reader)
        learn_restated(reader)

    reader = Reader(counts, true)
    learn(reader)
    blind = Reader({i: None if true[i] else n for i, n in counts.items()}, true)
    learn(blind)
    small = [i for i in reader.small() if i.startswith("cla_restated")]
    reach = {i: reader.reach(i) for i in small}
    learnt = {i: r for i, r in reach.items() if r != (1, 5) and blind.reach(i) != r}
    return small, learnt, printed


TOLD_BY_CHAPTER_10 = 5
"""A draw in which what a return says by its own rows alone is the hidden count of the first."""


@pytest.mark.parametrize("seed", [TOLD_BY_CHAPTER_10, *range(5), 6, 7])
def test_no_table_of_a_report_tells_what_a_restatement_hides(tmp_path, seed, long_form):
    if seed != TOLD_BY_CHAPTER_10 and not long_form:
        pytest.skip("long form: make validate")
    small, learnt, printed = told_by_a_report(tmp_path, seed)
    print(f"seed {seed}: {len(small)} hidden small counts looked at, {len(learnt)} told")
    assert len(small) > 3
    assert learnt == {}
    # Nor do shares of the children whom a return had at its end give their number back.
    for year in ("2020-21", "2021-22"):
        if printed[f"returns_read.stock_n.{year}.{year}"] is None:
            shares = [i for i in printed if ".stock_pct." in i and i.endswith(year)]
            assert shares and all(printed[i] is None for i in shares)


def told(folder, seed, ties):
    """Return the small counts of a study, and those of which a reader of its tables learns."""
    returns, people = nearly_right(np.random.default_rng(seed), (2021, 2022, 2023))
    data = drawn_returns.write(folder, returns, people)
    results = [a(data) for a in alone(ties)]
    printed = figures_of([release(r, data.study, "20") for r in results])

    def learn(reader):
        learn_care(reader)
        learn_restated(reader)

    reader = Reader(printed, truth_of(results))
    learn(reader)
    # The balancing row counts nobody (see needs.care.kin).
    return reader.small(), [i for i in reader.told(learn) if "residual_n" not in i]


TOLD_WITHOUT_TIES = 2
"""A draw in which a reader learns hidden counts unless the tables are protected as one."""


@pytest.mark.parametrize("seed", range(12))
def test_a_reader_learns_no_hidden_small_count(tmp_path, seed, long_form):
    if not long_form:  # the short form is the attack on the peer's whole report
        pytest.skip("long form: make validate")
    small, learnt = told(tmp_path, seed, FAMILY.ties)
    assert len(small) > 5
    assert learnt == []


def test_tables_protected_each_by_itself_would_tell(tmp_path, long_form):
    if not long_form:
        pytest.skip("long form: make validate")
    assert told(tmp_path, TOLD_WITHOUT_TIES, lambda data, results: ())[1]
