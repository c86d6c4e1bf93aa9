"""All files as one set of frames: the same children, codes and order however they came."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import union_categoricals

from needs.inputs.ssda903.columns import Ints, TextColumn, parse
from needs.inputs.ssda903.extracts import Vintage
from needs.inputs.ssda903.parts import Part
from needs.inputs.ssda903.raw import BAD, RawReturns
from needs.inputs.ssda903.stating import year_told
from needs.inputs.ssda903.tables import Column, Table, tables
from needs.vocabulary.codes import code_set
from needs.vocabulary.periods import ReportingYear

__all__ = ["assemble"]

Files = Mapping[str, Sequence[Part]]
Values = pd.Series | npt.NDArray[np.generic]

_EPOCH = 40_000
# Days from before any date that is read (1900) to 1970, so that ranks are positive.
_NEVER = 2**18 - 1
_PLACE_IN_FILE = {"file_id", "row"}


@dataclass(frozen=True)
class _Piece:
    """A part with what ties it to the rest."""

    part: Part
    year: int
    file_id: int

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.part.frame)


def assemble(files: Files, vintages: Sequence[Vintage]) -> RawReturns:
    """Concatenate the tables of the returns given.

    Children are numbered by the order of their identifiers, rows sorted by return, child
    and the table's key: neither names nor order of files make a difference.

    Parameters
    ----------
    files : mapping of str to sequence of Part
    vintages : sequence of Vintage
        One a year.
    """
    names = tuple(sorted(f for v in vintages for f in v.files))
    pieces = [
        _Piece(part, v.year, names.index(file))
        for v in vintages
        for file in v.files
        for part in files[file]
    ]
    ids, numbers = _number([p.part for p in pieces])
    frames = {
        key: _frame(
            spec, [(p, n) for p, n in zip(pieces, numbers, strict=True) if p.part.table == key]
        )
        for key, spec in tables().items()
        if key in ("header", "episodes") or any(p.part.table == key and p.rows for p in pieces)
    }
    frames = _uasc_of_header(frames)
    frames["episodes"]["repaired"] = False
    others = {k: f for k, f in frames.items() if k not in ("header", "episodes")}
    return RawReturns(
        frames["header"],
        frames["episodes"],
        others,
        _returns(vintages, frames, pieces),
        names,
        ids=ids,
    )


def _number(parts: Sequence[Part]) -> tuple[pd.Index, list[Ints]]:
    """Return every identifier, sorted, and the number of each part's rows."""
    texts = [p.child.texts for p in parts]
    spot, unique = pd.factorize(np.concatenate(texts))
    order = np.argsort(unique.astype(str), kind="stable")
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    number = rank[spot]
    starts = np.cumsum([0, *map(len, texts)])
    return pd.Index(unique[order], dtype=object), [
        number[a : a + len(p.child.texts)][p.child.codes]
        for a, p in zip(starts, parts, strict=False)
    ]


def _frame(spec: Table, pieces: Sequence[tuple[_Piece, Ints]]) -> pd.DataFrame:
    """Return one table of all returns, sorted."""
    made: dict[str, Values] = {
        "child": _join((n for _, n in pieces), np.int32),
        "return_year": _join((np.full(len(n), p.year) for p, n in pieces), np.int16),
    }
    for name, column in spec.columns.items():
        if column.kind == "child":
            continue
        made[name] = _concat([p.part.frame[name] for p, _ in pieces], column)
        if column.kind != "text":
            made[BAD + name] = _join((p.part.frame[BAD + name] for p, _ in pieces), np.bool_)
    made["file_id"] = _join((np.full(len(n), p.file_id) for p, n in pieces), np.int16)
    made["row"] = _join((p.part.frame["row"] for p, _ in pieces), np.int32)
    order = _order(spec, made)
    taken = {
        k: v.iloc[order].array if isinstance(v, pd.Series) else v[order] for k, v in made.items()
    }
    return pd.DataFrame(taken, copy=False)


def _join(arrays: Iterable[npt.ArrayLike], dtype: type[np.generic]) -> npt.NDArray[np.generic]:
    return np.concatenate([np.empty(0, dtype), *(np.asarray(a, dtype) for a in arrays)])


def _concat(columns: Sequence[pd.Series], column: Column) -> pd.Series:
    """Concatenate a column; categories are the known codes, then what else was met, sorted."""
    if not columns:
        return parse(TextColumn.blank(0), column).cells
    if column.kind == "text":
        return pd.Series(union_categoricals([*columns], sort_categories=True))
    if column.kind == "code":
        known = list(code_set(column.codes).codes)
        met = {c for values in columns for c in values.cat.categories}
        dtype = pd.CategoricalDtype([*known, *sorted(met - set(known))])
        columns = [values.astype(dtype) for values in columns]
    whole: pd.Series = pd.concat(columns, ignore_index=True)
    return whole


def _order(spec: Table, made: Mapping[str, Values]) -> npt.NDArray[np.intp]:
    """Return the rows sorted by return, child, the table's key, then everything else."""
    year, child = (np.asarray(made[n], np.int64) for n in ("return_year", "child"))
    rank: npt.NDArray[np.int64] = (year << 44) | (child << 18)
    for name in spec.row_key[1:]:
        dates = pd.Series(made[name]).to_numpy("datetime64[D]").astype(np.int64)
        rank |= np.where(dates < -_EPOCH, _NEVER, dates + _EPOCH)
    order = np.argsort(rank, kind="stable")
    same = rank[order][1:] == rank[order][:-1]
    tied = np.append(same, False) | np.append(False, same)
    if tied.any():
        rows = order[tied]
        rest = {n: pd.Series(v) for n, v in made.items() if n not in _PLACE_IN_FILE}
        frame = pd.DataFrame({n: v.iloc[rows].array for n, v in rest.items()})
        order[tied] = rows[_sorted(frame.assign(rank=rank[rows]))]
    return order


def _sorted(frame: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Return the positions of rows sorted by every column, ``rank`` first."""
    plain = {n: pd.factorize(frame[n].astype("string"), sort=True)[0] for n in frame}
    return np.lexsort([*(v for n, v in plain.items() if n != "rank"), frame["rank"].to_numpy()])


def _uasc_of_header(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Turn a flag in the Header into a row of the UASC table where it has none."""
    header = frames["header"]
    flagged = header.loc[
        header["uasc"] == 1, ["child", "return_year", "sex", "dob", "row", "file_id"]
    ]
    frames = {**frames, "header": header.drop(columns=["uasc", BAD + "uasc"])}
    keys = ["child", "return_year"]
    if "uasc" in frames and len(flagged):
        have = pd.MultiIndex.from_frame(frames["uasc"][keys])
        flagged = flagged[~pd.MultiIndex.from_frame(flagged[keys]).isin(have)]
    if not len(flagged):
        return frames
    blank = _frame(tables()["uasc"], [])
    more = flagged.reindex(columns=blank.columns)
    for name in blank.columns.difference(flagged.columns):
        more[name] = False if name.startswith(BAD) else blank[name].reindex(more.index)
    whole = pd.concat([frames[k] for k in ("uasc",) if k in frames] + [more])
    whole = whole.astype(blank.dtypes.to_dict() | {"sex": header["sex"].dtype})
    return {**frames, "uasc": whole.sort_values(keys[::-1], kind="stable", ignore_index=True)}


def _returns(
    vintages: Sequence[Vintage], frames: Mapping[str, pd.DataFrame], pieces: Sequence[_Piece]
) -> pd.DataFrame:
    """Return one row a return."""
    both = pd.concat([frames[k][["return_year", "child"]] for k in ("header", "episodes")])
    children = both.drop_duplicates().groupby("return_year").size()
    episodes = frames["episodes"].groupby("return_year").size()
    rows = [
        {
            "return_year": v.year,
            "label": str(ReportingYear(v.year)),
            "start": pd.Timestamp(ReportingYear(v.year).start),
            "end": pd.Timestamp(v.end),
            "extract": v.extract,
            "children_n": int(children.get(v.year, 0)),
            "episodes_n": int(episodes.get(v.year, 0)),
            "files": ", ".join(v.files),
            "set_aside": "",
            "year_told": year_told(v.told),
            "extra_columns_n": sum(p.part.extra_n for p in pieces if p.year == v.year),
        }
        for v in sorted(vintages, key=lambda v: v.year)
    ]
    dates = {"start": "datetime64[ns]", "end": "datetime64[ns]"}
    return pd.DataFrame(rows).astype(dates)
