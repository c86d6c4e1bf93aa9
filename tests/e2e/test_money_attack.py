"""A reader does every sum of the pounds of chapter 60, and learns none of few children."""

from __future__ import annotations

from contextlib import suppress

import pytest
from money_reader import children_of, sums_of_pounds, told
from reader import truth_of
from whole_report import sparse_study

from needs.assurance.release import release
from needs.costs import chapter60
from needs.costs.high_cost import band_labels
from needs.costs.kin import TOGETHER
from needs.costs.spending import Spending
from needs.inputs.registry import open_data
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.study import load_study

pytestmark = pytest.mark.e2e


def pounds_of(data):
    """Return every figure of chapter 60, as printed and true, and the years taken together."""
    printed, results = {}, []
    for name in chapter60.__all__:
        with suppress(InputMissing):
            found = getattr(chapter60, name)(data)
            results += found if isinstance(found, tuple) else (found,)
    for result in results:
        for row in release(result, data.study, "60").rows:
            printed[row.id] = None if row.marker == "c" else float(row.value or 0)
    together = {r.name: r.settings.get(TOGETHER, ()) for r in results}
    return printed, truth_of(results), together


@pytest.mark.parametrize("seed", range(1, 4))
def test_no_sum_of_pounds_tells_those_of_few_children(seed, long_form, tmp_path):
    if not long_form:
        pytest.skip("long form: make validate")
    entries = 40 * seed
    data = open_data(load_study(sparse_study(tmp_path / "s", seed, entries, first="2020-21")))
    printed, true, together = pounds_of(data)
    spending = Spending.of(data)
    nodes = {}
    for node in spending.nodes:
        nodes.setdefault(node.parent, []).append(node.key)
    bands = [b for b in band_labels(spending) if b != "all"]
    sums = sums_of_pounds(printed, nodes, bands, together)
    # Each sum holds to a pound a term, or the reader reads the tables wrongly.
    off = [s for s in sums if abs(sum(k * true[i] for i, k in s)) > len(s)]
    assert not off
    learnt, withheld = told(printed, sums)
    few = {i: true[children_of(i)] for i in learnt if children_of(i) in true}
    print(f"{len(sums)} sums, {withheld} pounds withheld, {len(learnt)} of them told")
    assert withheld >= 8
    assert not {i: n for i, n in few.items() if 1 <= n < data.study.disclosure.threshold}
