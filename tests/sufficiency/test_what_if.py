"""What if on a small synthetic authority: beside the simulation, and on the page in a browser."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from whole_report import sparse_study

from needs.forecast.ahead_demand import demand_ahead
from needs.inputs.registry import open_data
from needs.report.browser import find_browser
from needs.report.dials import with_rows
from needs.report.shell import ASSETS
from needs.sufficiency.budget import Outturns
from needs.sufficiency.what_if import chapter75, learn
from needs.sufficiency.what_if.engine import MeanEngine
from needs.sufficiency.what_if.learn import Learnt, changes_at
from needs.vocabulary.released import ReleasedRow
from needs.vocabulary.results import figure_id
from needs.vocabulary.study import load_study
from needs.vocabulary.units import UNITS, round_half_up

pytestmark = pytest.mark.unit

QUICK = "[forecast]\ndraws = 100\ntested_draws = 50\nscenario_draws = 20\n"
WITHIN = 0.01


@pytest.fixture(scope="module")
def data(tmp_path_factory, pytestconfig):
    made = sparse_study(tmp_path_factory.mktemp("what_if") / "small", entries=60, first="2020-21")
    made.write_text(made.read_text("utf-8") + QUICK, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        if not pytestconfig.getoption("--long"):  # the same futures on both sides: few will do
            patch.setattr(learn, "DRAWS", 60)
        yield open_data(load_study(made))


@pytest.fixture(scope="module")
def result(data):
    return chapter75.what_if(data)


@pytest.fixture(scope="module")
def rows(result):
    """Rows as they are released where nothing has to be withheld."""
    units = {m.key: m.unit for m in result.measures}
    made = []
    for r in result.table.itertuples():
        unit = units[r.measure]
        plain = str(round_half_up(r.value, UNITS[unit].decimals))
        own = figure_id("what_if", r.measure, r.group, r.period, r.by)
        key = (own, r.area, r.period, r.measure, r.group, r.by)
        made.append(ReleasedRow(*key, plain, plain, unit, "", ""))
    return made


def page_of(result, rows):
    return with_rows(result.charts[0].dials, SimpleNamespace(rows=rows))


def settings_of(dials, seed, n):
    rng = np.random.default_rng(seed)
    return [{d.key: int(rng.integers(d.low, d.high + 1)) for d in dials} for _ in range(n)]


def test_it_says_what_the_simulation_says(data, claims, long_form):
    learnt = Learnt.of(data)
    rated = [d for d in learnt.engine.dials if d.nodes]
    ends = [{d.key: d.high for d in rated}, {d.key: d.low for d in rated}]
    asked = [*ends, *settings_of(rated, 7501, 60 if long_form else 2)]
    totals, types = [], []
    for at in asked:
        lived, said = changes_at(data, learnt, at), learnt.engine.ask(at).children
        for row, line in learnt.engine.children.items():
            apart = (said[row] - line.base - lived[row]) / np.maximum(line.base + lived[row], 1)
            if row == "all":
                totals.append(np.abs(apart).max())
            elif line.base.min() >= 20:
                types.append(np.abs(apart).max())
    assert claims.held(
        f"mean engine beside the simulation, {len(asked)} settings: total",
        f"{100 * max(totals):.2f}% apart at most",
        "within 1%",
        max(totals) <= WITHIN,
    )
    if types:
        claims.stated(
            "the same, rows of 20 children or more",
            f"{100 * np.quantile(types, 0.95):.2f}% in 95 of 100, {100 * max(types):.2f}% at most",
        )


def test_at_rest_it_repeats_the_chapters_it_stands_on(data, result, rows):
    answer = MeanEngine.from_plain(page_of(result, rows)).ask({})
    told = demand_ahead(data).table
    ends = told[(told["measure"] == "projected_n") & (told["group"] == "all")]["value"]
    assert answer.children["all"] == pytest.approx(ends.to_numpy())
    spent = Outturns.of(data).gross.sum(axis=2).mean(axis=0) / 1e3
    assert answer.money["all"] == pytest.approx(spent, abs=0.5)


def test_a_line_with_a_withheld_number_has_no_dial(result, rows):
    priced = next(d for d in page_of(result, rows)["dials"] if d["price_of"])
    hidden = [
        replace(r, value="", printed="c", marker="c")
        if r.group == priced["price_of"] and r.measure == "node_gbp" and r.by.startswith("exits")
        else r
        for r in rows
    ]
    found = page_of(result, hidden)
    assert priced["price_of"] not in found["money"]
    assert priced["key"] not in [d["key"] for d in found["dials"]]
    assert "entries_up_30" in found["money"]["all"]["effects"]


def test_every_number_leans_on_the_count_it_would_tell(result):
    told = {"all": "cla_placement_mix.children_n.all.2023-03-31"}
    for r in result.table.itertuples():
        own = figure_id("what_if", r.measure, r.group, r.period, r.by)
        assert result.leans_on[own]
        if r.measure == "base_n" and r.group in told:
            assert told[r.group] in result.leans_on[own]


PAGE = """<!DOCTYPE html><html lang="en"><head><title>t</title></head><body><main>
<div class="chart" id="x-chart"></div>
<script type="application/json" id="x-data">{data}</script></main>
<script>{script}</script><script>{drive}</script></body></html>"""
DRIVE = """
var root = document.querySelector(".dials"), out = [], slowest = 0;
%s.forEach(function (at) {
  Object.keys(at).forEach(function (k) { document.getElementById("x-chart-" + k).value = at[k]; });
  var t = performance.now();
  document.getElementById("x-chart-entries").dispatchEvent(new Event("input", { bubbles: true }));
  slowest = Math.max(slowest, performance.now() - t);
  out.push(Array.from(root.querySelectorAll("tbody tr")).map(function (tr) {
    return Array.from(tr.children).map(function (c) { return c.textContent; });
  }));
});
var pre = document.createElement("pre");
pre.id = "out";
pre.textContent = JSON.stringify({ rows: out, slowest: slowest });
document.body.appendChild(pre);
"""


def in_browser(tmp_path, model, asked):
    """Return the cells of every answer table at each setting, moved in a real browser."""
    browser = find_browser()
    if browser is None:
        pytest.skip("no browser is installed")
    data = json.dumps({"data": [], "layout": {"meta": {"dials": model}}}).replace("<", "\\u003c")
    script = (ASSETS / "dials.js").read_text("utf-8")
    page = tmp_path / "dials.html"
    page.write_text(PAGE.format(data=data, script=script, drive=DRIVE % json.dumps(asked)), "utf-8")
    command = [
        str(browser.path), "--headless", "--no-sandbox", "--disable-gpu",
        f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    dom = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    found = re.search(r'<pre id="out">(.*?)</pre>', dom, re.S)
    assert found, "the script did not run to its end"
    return json.loads(found[1].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"))


def words(engine, model, at):
    """Return what the library says where the page has a table, as the page prints it."""
    before, found = engine.ask({}), engine.ask(at)
    rows = []
    for key, line in found.children.items():
        n = int(round_half_up(line[-1]))
        b = int(round_half_up(before.children[key][-1]))
        rows.append([model["labels"][key], f"{b:,}", f"{n:,}"])
    for key, line in found.money.items():
        said = [round_half_up(x / 1000, 1) for x in (before.money[key][-1], line[-1])]
        rows.append([model["labels"][key], *(f"£{x:,}m" for x in said)])
    for key, line in found.gap.items():
        rows.append([model["labels"][key], *(_places(x[-1]) for x in (before.gap[key], line))])
    return rows


def _places(gap):
    n = int(round_half_up(gap))
    if n == 0:
        return "as many as children"
    return f"{abs(n):,} " + ("too few" if n < 0 else "more than children")


def test_the_page_answers_as_the_library_does(tmp_path, result, rows, claims):
    model = page_of(result, rows)
    engine = MeanEngine.from_plain(model)
    asked = settings_of(engine.dials, 7502, 10)
    found = in_browser(tmp_path, model, asked)
    for at, cells in zip(asked, found["rows"], strict=True):
        assert [c[:3] for c in cells] == words(engine, model, at)
    claims.stated("what-if page, slowest of ten answers", f"{found['slowest']:.0f} ms (target 100)")
