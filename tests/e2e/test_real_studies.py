"""The bundled study, and a study made from the peer's sample of returns, to their reports."""

import csv
import os
import re
from pathlib import Path

import pytest
from peer_sample import PEER, ROOT, peer_study

from needs.report.manifest import MANIFEST, Manifest, file_hashes
from needs.report.run import run

pytestmark = pytest.mark.e2e


def contents(folder):
    found = (p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in found}


def figures(folder):
    with (folder / "figures.csv").open(encoding="utf-8-sig", newline="") as f:
        return list(csv.DictReader(f))


@pytest.fixture(scope="module")
def bundled(tmp_path_factory):
    """The bundled study's report, without PDF."""
    study = ROOT / "analysis" / "oxfordshire-published"
    return run(study, out=tmp_path_factory.mktemp("reports") / "one", pdf=False)


@pytest.fixture(scope="module")
def peer(tmp_path_factory, request):
    """A study made from the peer's five returns, and its report.

    In the short form of the two chapters that show what the returns themselves say.
    """
    folder = peer_study(tmp_path_factory.mktemp("peer"))
    if not request.config.getoption("--long"):
        with (folder / "study.toml").open("a", encoding="utf-8") as f:
            f.write('chapters = ["10", "20"]\n')
    return run(folder, pdf=False, jobs=2)


def test_the_bundled_study_has_every_file_of_a_report(bundled):
    names = set(contents(bundled.folder))
    wanted = {"index.html", "needs-analysis.html", "tables.xlsx", "figures.csv", MANIFEST}
    assert wanted <= names
    assert {n for n in names if n.startswith("notebooks/")} == {
        f"notebooks/{c}" for c in os.listdir(ROOT / "notebooks") if c[:2] in bundled.ran
    }
    assert any(n.startswith("tables/") and n.endswith(".csv") for n in names)


def test_the_same_run_into_two_folders_is_byte_identical(bundled, tmp_path):
    study = ROOT / "analysis" / "oxfordshire-published"
    second = run(study, out=tmp_path / "two", pdf=False, jobs=2)
    assert contents(second.folder) == contents(bundled.folder)


def test_the_manifest_names_exactly_the_files_and_inputs(bundled):
    manifest = Manifest.read(bundled.folder)
    assert manifest.files == file_hashes(bundled.folder)
    inputs = ROOT / "analysis" / "oxfordshire-published" / "inputs" / "published"
    read = {Path(name).name for name in manifest.inputs["published"]}
    assert read and read <= set(os.listdir(inputs))


def test_no_file_names_a_place_on_the_machine(bundled):
    text = {n: c for n, c in contents(bundled.folder).items() if not n.endswith((".xlsx", ".pdf"))}
    places = [str(ROOT).encode(), os.path.expanduser("~").encode(), str(bundled.folder).encode()]
    assert [n for n, content in text.items() if any(p in content for p in places)] == []


def test_every_number_has_an_id_of_its_own_a_unit_and_a_source(bundled):
    rows = figures(bundled.folder)
    assert rows
    assert len({r["id"] for r in rows}) == len(rows)
    assert [r["id"] for r in rows if not (r["unit"] and r["source"])] == []


def open_with_reason(year):
    """Count in the peer's own file the episodes without DEC that carry a REC, and an X1."""
    with (PEER / f"{year}-episodes.csv").open(encoding="utf-8-sig", newline="") as f:
        reasons = [r["REC"] for r in csv.DictReader(f) if r["REC"] and not r["DEC"]]
    return len(reasons), reasons.count("X1")


def test_the_issues_own_count_of_the_first_return():
    if not PEER.is_dir():
        pytest.skip("the peer's sample is not on this machine")
    assert open_with_reason(2017) == (434, 302)


@pytest.mark.parametrize("year", range(2017, 2022))
def test_the_peers_report_counts_open_episodes_with_an_end_reason(peer, year):
    printed = {r["id"]: r["value"] for r in figures(peer.folder)}
    period = f"{year}-{(year + 1) % 100}"
    found = tuple(
        int(printed[f"by_check.rows_n.r07_{check}.{period}"])
        for check in ("rec_without_dec", "x1_without_dec")
    )
    assert found == open_with_reason(year)


def test_the_peers_returns_run_to_a_report_that_counts_their_conflicts(peer):
    rows = [r for r in figures(peer.folder) if r["id"].startswith("conflicts.")]
    assert sum(int(r["value"]) for r in rows if r["value"]) > 0


def test_no_identifier_of_the_peers_children_is_in_the_report(peer):
    with (PEER / "2017-header.csv").open(encoding="utf-8-sig", newline="") as f:
        rows = list(csv.DictReader(f))
    files = contents(peer.folder)
    # Chart programs inside the page hold six-digit numbers of their own, so ids are looked
    # for where only results are written, pupil numbers everywhere.
    results = b"\n".join(c for n, c in files.items() if n.endswith((".csv", ".ipynb"))).decode()
    words = set(re.findall(r"\w+", results))
    assert [r["CHILD"] for r in rows if len(r["CHILD"]) > 4 and r["CHILD"] in words] == []
    everything = b"\n".join(files.values())
    pupils = [r["UPN"].encode() for r in rows if len(r["UPN"]) == 13]
    assert len(pupils) > 100
    assert [u for u in pupils if u in everything] == []
