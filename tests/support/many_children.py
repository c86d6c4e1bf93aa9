"""A study of very many children: the bundled synthetic authority, several times over."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd

from needs.inputs.registry import open_data
from needs.synthetic.study import asked, preset, synthesise
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import Records, StudyData, Table
from needs.vocabulary.study import Study, load_study

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = ROOT / "analysis" / "oxfordshire-2022-23"
CHAPTER = ROOT / "notebooks" / "20-children-looked-after.ipynb"
MODULES = {
    "chapter20": "needs.care.chapter20",
    "services": "needs.care.chapter20_services",
    "placed_here": "needs.care.placed_here",
    "published": "needs.care.published",
}
TOLD_OF = ("referrals", "care_leavers")
"""Tables with a row a child, which grow with the children."""


@dataclass(frozen=True)
class Copies:
    """The bundled study's inputs as read, and as many times over as one asks for."""

    study: Study
    read: dict[str, object]

    @classmethod
    def of(cls, folder: Path) -> Copies:
        """Write the bundled study into a folder and read all that chapter 20 uses of it."""
        at = folder / "study"
        shutil.copytree(BUNDLED, at, ignore=shutil.ignore_patterns("ssda903", "truth"))
        study = load_study(at)
        synthesise(at / "inputs", preset(study), asked(study), study.period.year, study.seed)
        data = open_data(study)
        names = ("ssda903", "published", "postcodes", "population", "cited", "edge_of_care")
        return cls(study, {n: data.read(n) for n in (*names, *TOLD_OF)})

    @property
    def children_n(self) -> int:
        """Children of one copy."""
        return len(self._records.children)

    @property
    def _records(self) -> Records:
        read = self.read["ssda903"]
        assert isinstance(read, Records)
        return read

    def records(self, times: int) -> Records:
        """Return the records so many times over, each time of other children."""
        one = self._records
        periods = int(one.episodes["period_of_care"].max()) + 1
        episodes = tiled(one.episodes, times, child=self.children_n, period_of_care=periods)
        tables = {k: tiled(t, times, child=self.children_n) for k, t in one.tables.items()}
        who = pd.concat([one.children] * times, ignore_index=True)
        return replace(one, children=who, episodes=episodes, tables=tables)

    def data(self, records: Records) -> StudyData:
        """Return the study with these records, and tables that grow with them."""
        times = max(1, len(records.children) // self.children_n)
        read = dict(self.read)
        for name in TOLD_OF:
            table = read[name]
            assert isinstance(table, Table)
            read[name] = replace(table, frame=tiled(table.frame, times, child=self.children_n))
        read["ssda903"] = records
        return StudyData(self.study, {n: (lambda _, v=v: v) for n, v in read.items()})


def tiled(frame: pd.DataFrame, times: int, **steps: int) -> pd.DataFrame:
    """Return a frame so many times over; numbers of the named columns go up by a step a copy."""
    out = pd.concat([frame] * times, ignore_index=True)
    copy = np.repeat(np.arange(times), len(frame))
    for column, step in steps.items():
        number = out[column].to_numpy()
        out[column] = np.where(number >= 0, number + copy * step, number).astype(number.dtype)
    return out


def chapter_calls() -> dict[str, Callable[[StudyData], object]]:
    """Return every analysis that chapter 20 shows, as its notebook names them."""
    cells = json.loads(CHAPTER.read_text("utf-8"))["cells"]
    code = "".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    named = re.findall(rf"\b({'|'.join(MODULES)})\.(\w+)", code)
    return {f"{m}.{name}": getattr(import_module(MODULES[m]), name) for m, name in named}


def everything(data: StudyData) -> tuple[int, list[str]]:
    """Return how many numbers the chapter's results hold, and which lack an input."""
    numbers, without = 0, []
    for name, analysis in chapter_calls().items():
        try:
            made = analysis(data)
        except InputMissing:
            without.append(name)
        else:
            numbers += sum(len(r.table) for r in (made if isinstance(made, tuple) else (made,)))
    return numbers, without
