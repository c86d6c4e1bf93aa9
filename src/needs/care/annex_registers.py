"""Chapter 90: where each annex stands, and the register of methods with their sources."""

from __future__ import annotations

import pandas as pd

from needs.vocabulary.annexes import ANNEXES
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, Sentence, figure_id, long_table

__all__ = ["METHODS", "annex_list", "methods_register"]

LIST, REGISTER = "annex_list", "annex_methods"
METHODS: dict[str, tuple[str, str, str]] = {
    "counting": (
        "Counting children looked after",
        "20",
        "Department for Education, Children looked after in England, methodology",
    ),
    "survival": (
        "How long stays last",
        "20",
        "Klein and Moeschberger 2003, Survival Analysis, chapter 4",
    ),
    "disclosure": (
        "Hiding small counts, and what would give them away",
        "10",
        "Hundepool and others 2012, Statistical Disclosure Control",
    ),
    "groups": (
        "Groups of children with like needs",
        "30",
        "Goodman 1974, Biometrika 61: latent classes",
    ),
    "flow": (
        "The flow model: entries, moves, ageing and leaving, child by child",
        "50",
        "Own; rates by cell with Poisson likelihood, levels that drift",
    ),
    "scores": (
        "How forecasts are scored",
        "50",
        "Zamo and Naveau 2018, Mathematical Geosciences 50: CRPS of draws",
    ),
    "pool": (
        "How methods are combined",
        "50",
        "Stone 1961, Annals of Mathematical Statistics 32: the linear pool",
    ),
    "widths": (
        "Ranges as wide as past errors ask",
        "50",
        "Romano, Patterson and Candes 2019, Advances in Neural Information Processing Systems 32",
    ),
    "cohorts": (
        "Children of the area ahead, where no projection is given",
        "50",
        "Hamilton and Perry 1962, Social Forces 41",
    ),
    "levers": (
        "What each lever adds to all together",
        "50",
        "Shapley 1953, Contributions to the Theory of Games II",
    ),
    "change": (
        "Why spending changed",
        "60",
        "Shapley 1953, as for levers: number, mix and price",
    ),
    "regression": (
        "What goes with a dearer week",
        "60",
        "Manning and Mullahy 2001, Journal of Health Economics 20: gamma regression, log link",
    ),
    "appraisal": (
        "Spending now to save later",
        "70",
        "HM Treasury, The Green Book: discounting, optimism, ranges",
    ),
    "pert": (
        "Ranges of three points",
        "70",
        "Malcolm and others 1959, Operations Research 7: PERT",
    ),
    "matching": (
        "Who fits which place",
        "40",
        "Ore 1955, Duke Mathematical Journal 22",
    ),
    "losses": (
        "Arrivals and stays against homes",
        "40",
        "Sevastyanov 1957, Theory of Probability and its Applications 2: Erlang's losses",
    ),
    "targets": (
        "The chance that a target is met, and its Monte Carlo error",
        "80",
        "Brown, Cai and DasGupta 2001, Statistical Science 16",
    ),
    "carried_on": (
        "What is counted and not forecast",
        "80",
        "Hyndman and Athanasopoulos 2021, Forecasting: principles and practice, section 5.5",
    ),
    "routes": (
        "By which route a place is bought: how often it would be taken",
        "80",
        "Own rule; its limits are [commissioning] of the study file",
    ),
}
"""Method -> words, chapter that uses it, and where it is published."""


def annex_list(data: StudyData) -> Result:
    """Return every annex with where it stands (``annex_list``).

    Parameters
    ----------
    data : StudyData
        ``[annexes]`` of its study says how a template calls them, and in which order.

    Returns
    -------
    Result
        ``number_n`` of each; beside it chapter and heading, the document whose form it has, and
        the template's heading where one is given. ``annexes_n``, and ``named_n`` of them that the
        template names.
    """
    headings = data.study.annexes.headings
    order = [*headings, *(k for k in ANNEXES if k not in headings)]
    rows = [
        {"group": k, "measure": "number_n", "value": float(i)} for i, k in enumerate(order, start=1)
    ]
    rows += [
        {"group": "all", "measure": "annexes_n", "value": float(len(order))},
        {"group": "all", "measure": "named_n", "value": float(len(headings))},
    ]
    notes = {
        "Chapter": {k: ANNEXES[k].chapter for k in order},
        "Heading": {k: ANNEXES[k].heading for k in order},
        "In the form of": {k: ANNEXES[k].form for k in order},
        "Heading of the template": {k: headings.get(k, "") for k in order},
    }
    said = "This report has {n} annexes; a list says under which heading each stands."
    refs = {"n": figure_id(LIST, "annexes_n")}
    if headings:
        said = "This report has {n} annexes; the authority's template names {named} of them."
        refs["named"] = figure_id(LIST, "named_n")
    return Result(
        name=LIST,
        title="Where each annex stands",
        subtitle=f"Annexes, {data.study.authority.name}",
        table=long_table(pd.DataFrame(rows)),
        measures=(
            Measure("number_n", "Number", "count"),
            Measure("annexes_n", "Annexes", "count"),
            Measure("named_n", "Named by the template", "count"),
        ),
        labels={k: ANNEXES[k].label for k in order} | {"all": "All", "group": "Annex"},
        source="This report; headings of a template from [annexes] of the study file",
        layout=Layout(("group",), ("measure",), ("number_n",)),
        text=(Sentence(said, refs),),
        row_notes={head: cells for head, cells in notes.items() if any(cells.values())},
        notes=("A chapter that the study leaves out of its report has its annexes left out too.",),
        typed=True,
    )


def methods_register(data: StudyData) -> Result:
    """Return the methods of this report, where each is used and published (``annex_methods``).

    Returns
    -------
    Result
        ``number_n`` of each; beside it the chapter and the published source.
    """
    rows = [
        {"group": k, "measure": "number_n", "value": float(i)} for i, k in enumerate(METHODS, 1)
    ]
    return Result(
        name=REGISTER,
        title="Methods, and where they are published",
        subtitle=f"Methods of this report, {data.study.authority.name}",
        table=long_table(pd.DataFrame(rows)),
        measures=(Measure("number_n", "Number", "count"),),
        labels={k: words for k, (words, *_) in METHODS.items()} | {"group": "Method"},
        source="The methods' own documentation",
        layout=Layout(("group",), ("measure",)),
        row_notes={
            "Chapter": {k: chapter for k, (_, chapter, _) in METHODS.items()},
            "Published in": {k: source for k, (*_, source) in METHODS.items()},
        },
        typed=True,
    )
