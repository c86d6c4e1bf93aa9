"""What disclosure control decided for one result of a household, apart from the numbers.

It can be kept between chapters, so that one search serves all of them: it says which rows are
hidden and why, and holds no count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.vocabulary.results import KEYS
from needs.vocabulary.study import Disclosure

__all__ = ["Marks", "from_text", "to_text"]


@dataclass(frozen=True)
class Marks:
    """Which rows of a result are hidden.

    Parameters
    ----------
    rows : str
        SHA-256 over the keys of the rows, in their order.
    why : mapping of str to str
        Number of the row -> ``primary``, ``secondary`` or ``linked``; rows that are shown are
        not in it.
    narrowed : int
        See :class:`needs.assurance.disclosure.Protected`.
    hidden : tuple of str
        Figure ids of the hidden rows.
    """

    rows: str
    why: Mapping[str, str]
    narrowed: int
    hidden: tuple[str, ...]

    @classmethod
    def of(cls, table: pd.DataFrame, narrowed: int, hidden: tuple[str, ...]) -> Marks:
        """Return the marks of a protected table (its column ``why``)."""
        why = {str(i): w for i, w in enumerate(table["why"]) if w}
        return cls(rows_of(table), why, narrowed, hidden)

    def reasons(self, n: int) -> npt.NDArray[np.object_]:
        """Return the reason of each of ``n`` rows, empty where it is shown."""
        out = np.full(n, "", dtype=object)
        for i, w in self.why.items():
            out[int(i)] = w
        return out


def rows_of(table: pd.DataFrame) -> str:
    """Return a SHA-256 over the keys of a table's rows."""
    text = json.dumps(table[list(KEYS)].astype(str).to_numpy().tolist(), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def to_text(marks: Mapping[str, Marks], settings: Disclosure) -> str:
    """Return the marks of a household as JSON, with the settings that they hold for."""
    of = {name: asdict(m) for name, m in marks.items()}
    return json.dumps({"settings": settings.model_dump(mode="json"), "of": of}, ensure_ascii=False)


def from_text(text: str | None, settings: Disclosure) -> dict[str, Marks] | None:
    """Return what :func:`to_text` wrote; None where it holds for other settings."""
    found = json.loads(text) if text else {}
    if found.get("settings") != settings.model_dump(mode="json"):
        return None
    return {
        name: Marks(m["rows"], m["why"], m["narrowed"], tuple(m["hidden"]))
        for name, m in found["of"].items()
    }
