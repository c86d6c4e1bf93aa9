"""Records as an earlier return had them equal a study that never saw the later files."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import build
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peer_sample import PEER

from needs.inputs.ssda903.reader import read
from needs.vocabulary.records import Records

pytestmark = pytest.mark.property

YEARS = (2020, 2021, 2023)
"""Years of the drawn returns: one is missing."""
CODES = ("rne", "ls", "place", "provider", "rec")


def told(records: Records, from_day: str = "1900-01-01") -> pd.DataFrame:
    """Return what records say of each child, by identifier, of days from one on."""
    e = records.episodes
    e = e[e["dec"].isna() | (e["dec"] >= pd.Timestamp(from_day))]
    out = pd.DataFrame({"id": np.asarray(records.ids)[e["child"]]})
    for name in ("decom", "dec", "return_year", "repaired"):
        out[name] = e[name].to_numpy()
    for name in CODES:
        out[name] = e[name].astype(object).fillna("").to_numpy()
    for name in ("sex", "dob", "ethnic", "uasc", "uasc_end"):
        of_child = records.children[name].astype(object)
        out[name] = of_child.where(of_child.notna(), "").reindex(e["child"]).to_numpy()
    return out.reset_index(drop=True)


def same(got: Records, want: Records, from_day: str = "1900-01-01") -> None:
    pd.testing.assert_frame_equal(told(got, from_day), told(want, from_day))
    assert got.data_end == want.data_end
    assert not got.tables


def day(first: int, last: int) -> st.SearchStrategy[str]:
    low, high = dt.date(first, 4, 1), dt.date(last, 3, 31)
    return st.dates(low, high).map(lambda d: d.strftime("%d/%m/%Y"))


@st.composite
def drawn(draw: st.DrawFn) -> dict[int, dict[str, pd.DataFrame]]:
    """Return returns that say of three children what they like."""
    out = {}
    for year in YEARS:
        lines, heads, uasc = [], [], []
        for child in "ABC":
            starts = draw(st.lists(day(2018, year), max_size=2))
            for start in starts:
                end = draw(st.one_of(st.just(""), day(year - 1, year)))
                rec = draw(st.sampled_from(["X1", "E4A"])) if end else ""
                ls = draw(st.sampled_from(["C2", "V4"]))
                lines.append(f"| {child} | {start} | {end} | {rec} | {ls} |")
            if starts:
                dob = draw(st.sampled_from(["05/05/2004", "06/06/2010", ""]))
                heads.append(f"| {child} | {dob} |")
            if starts and draw(st.booleans()):
                uasc.append(f"| {child} | {draw(st.sampled_from(['', f'01/03/{year}']))} |")
        # A child who comes and goes ties each return to its year.
        lines.append(f"| Z | 02/05/{year - 1} | 03/06/{year - 1} | E4A | C2 |")
        head = "| CHILD | DECOM | DEC | REC | LS |\n"
        out[year] = {
            "episodes": build.episodes(head + "\n".join(lines)),
            "header": build.header("| CHILD | DOB |\n" + "\n".join([*heads, "| Z | 01/01/2012 |"])),
        }
        if uasc:
            table = build.table("| CHILD | DUC |\n" + "\n".join(uasc))
            out[year]["uasc"] = build.full("uasc", table, sex="1", dob="05/05/2004")
    return out


def study_of(folder: Path, returns: dict[int, dict[str, pd.DataFrame]], until: int):
    """Write the returns up to a year, and return the study of them."""
    for year in (y for y in returns if y <= until):
        build.write_csv(folder, {str(year): returns[year]})
    quality = {"max_invalid_share": 1.0, "max_duplicate_share": 1.0}
    files = {
        f"{y}-{t}.csv": f"{y - 1}-{y % 100:02d}" for y in returns if y <= until for t in returns[y]
    }
    label = f"{until - 1}-{until % 100:02d}"
    return build.study(folder, year=label, inputs={"return_years": files}, quality=quality)


@pytest.mark.parametrize("examples", [1, 40])
def test_earlier_records_are_those_of_the_earlier_files(
    tmp_path_factory, long_form, examples
) -> None:
    if examples > 1 and not long_form:
        pytest.skip("long form: make validate")

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(returns=drawn())
    def hold(returns) -> None:
        check(tmp_path_factory.mktemp("known"), returns)

    hold()


def check(root: Path, returns: dict[int, dict[str, pd.DataFrame]]) -> None:
    """Hold each year's earlier records against a reading of the files up to it."""
    whole = read(study_of(root / "all", returns, max(YEARS)))
    assert whole.as_known is not None
    for before, year in zip((0, *YEARS), YEARS, strict=False):
        want = read(study_of(root / str(year), returns, year))
        same(whole.as_known(year), want)
        same(whole.as_known(year, before), want, f"{year - 1}-04-01")


def test_the_newest_return_gives_the_records_themselves(tmp_path: Path) -> None:
    head = "| CHILD | DECOM | DEC | REC | LS |\n"
    for year in (2022, 2023):
        lines = (
            f"| A | 02/05/{year - 1} | 03/06/{year - 1} | E4A | C2 |\n| B | 01/02/2021 | | | C2 |"
        )
        parts = {
            "episodes": build.episodes(head + lines),
            "header": build.header("| CHILD |\n| A |"),
        }
        build.write_csv(tmp_path, {str(year): parts})
    records = read(build.study(tmp_path))
    assert records.as_known is not None
    same(records.as_known(2023), records)


def test_an_extract_replaced_in_its_own_year_is_not_what_was_first_known(tmp_path: Path) -> None:
    head = "| CHILD | DECOM | DEC | REC | LS |\n"
    common = "| A | 02/05/2021 | 03/06/2021 | E4A | C2 |\n| B | 01/02/2021 | | | C2 |\n"
    late = "| C | 01/09/2021 | | | C2 |\n| D | 03/01/2022 | 02/03/2022 | E4A | C2 |"
    after = "| B | 01/02/2021 | | | C2 |\n| A | 02/05/2022 | 03/06/2022 | E4A | C2 |"
    files = {"a-extract": common, "b-full": common + late, "c-next": after}
    for name, lines in files.items():
        build.write_csv(tmp_path, {name: {"episodes": build.episodes(head + lines)}})
    ends = {"a-extract-episodes.csv": dt.date(2021, 9, 30)}
    years = {
        f"{n}-episodes.csv": y
        for n, y in zip(files, ("2021-22", "2021-22", "2022-23"), strict=True)
    }
    inputs = {"extract_ends": ends, "return_years": years}
    records = read(build.study(tmp_path, inputs=inputs))
    assert records.as_known is not None
    known = records.as_known(2022)
    assert known.data_end == pd.Timestamp(2022, 3, 31)
    assert {str(records.ids[c]) for c in known.episodes["child"]} == {"A", "B", "C", "D"}


@pytest.mark.skipif(not PEER.is_dir(), reason="the peer's sample is not on this machine")
def test_the_peers_returns_known_at_each_year(tmp_path: Path, long_form: bool) -> None:
    if not long_form:
        pytest.skip("long form: make validate")
    frames = {p.name: p.read_bytes() for p in PEER.glob("*.csv")}
    build.write(tmp_path / "all", frames)
    whole = read(build.study(tmp_path / "all", year="2021-22"))
    assert whole.as_known is not None
    of_year = dict(zip(whole.returns["return_year"], whole.returns["files"], strict=True))
    years = sorted(of_year)
    for year in years[:-1]:
        files = [f for y in years if y <= year for f in of_year[y].split(", ")]
        build.write(tmp_path / str(year), {f: frames[f] for f in files})
        want = read(build.study(tmp_path / str(year), year=f"{year - 1}-{year % 100:02d}"))
        same(whole.as_known(year), want)
        same(whole.as_known(year, year - 1), want, f"{year - 1}-04-01")
