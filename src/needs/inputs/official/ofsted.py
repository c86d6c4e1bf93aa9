"""Ofsted's list of children's social care providers: who is registered, for how many places.

The provider-level table of "Children's social care in England" is read as downloaded, with
the title and notes above its column names. Names and addresses of children's homes are
withheld by Ofsted; addresses of others are not read.
"""

from __future__ import annotations

import re
from functools import reduce

import pandas as pd

from needs.inputs.official.areas import contradictions
from needs.inputs.official.files import Source, at_rows, facts, finish, read_sources
from needs.vocabulary.errors import Fault
from needs.vocabulary.records import Table
from needs.vocabulary.study import Study

__all__ = ["COLUMNS", "RATINGS", "read"]

COLUMNS = (
    "urn",
    "name",
    "provision_type",
    "sector",
    "places",
    "authority",
    "region",
    "owner",
    "rating",
    "short_breaks_only",
    "registration_status",
    "registration_date",
    "inspection_date",
    "as_at",
    "file",
)
"""Columns of the frame; see :func:`read`."""

RATINGS = (
    "Outstanding",
    "Good",
    "Requires improvement to be good",
    "Inadequate",
    "Consistently strong service delivery",
    "Inconsistent quality of service delivery",
    "Serious or widespread weaknesses",
    "Requires improvement",
    "Satisfactory",
    "Adequate",
)
"""Judgements: four in use, three of supported accommodation, three of former frameworks."""

_NO_RATING = ("", "not yet inspected", "not applicable", "n/a", "null")
_WITHHELD = "redacted"
_DATES = ("%d/%m/%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%d %B %Y")
_AS_AT = re.compile(r"as at (\d{1,2} \w+ 20\d\d)", re.IGNORECASE)
_AGAIN = "download the file again"
_TEXT = ("name", "provision_type", "sector", "authority", "owner", "registration_status")


def read(study: Study) -> Table:
    """Read Ofsted's lists of providers that a study names under ``inputs.ofsted``.

    Parameters
    ----------
    study : Study
        Files of one or more dates.

    Returns
    -------
    Table
        ``frame``, one row a provider and date of the list: ``urn`` (Ofsted's number, upper
        case), ``name`` (empty where Ofsted withholds it), ``provision_type``, ``sector``,
        ``places`` (float, NaN where the type has none), ``authority`` (name), ``region``
        (government office region, empty where the file has none), ``owner``, ``rating`` (one
        of :data:`RATINGS`, empty where not inspected), ``short_breaks_only`` (bool),
        ``registration_status``, ``registration_date``, ``inspection_date`` (datetime64[ns]),
        ``as_at`` (date in the title above the table, else NaT), ``file``.

    Raises
    ------
    InputError
        With every fault of every file: encoding, columns, numbers of providers, places,
        dates, an unknown judgement, a provider listed twice and differently at one date.
    """
    sources, faults = read_sources(study, "ofsted")
    made = []
    for source in sources:
        found = _faults(source)
        faults += found
        if not found:
            made.append(_frame(source))
    if not made:
        finish("ofsted", faults)
    frame = pd.concat(made, ignore_index=True)
    said = [c for c in COLUMNS if c not in {"urn", "as_at", "file"}]
    mend = "keep one of the rows"
    kept, repeats, differing = contradictions(frame, ["urn", "as_at"], said, "URN", mend)
    finish("ofsted", [*faults, *differing])
    count = {str(f): len(rows) for f, rows in repeats.groupby("file")}
    kept = kept.sort_values(["as_at", "urn"], ignore_index=True)[list(COLUMNS)]
    return Table(kept, facts(sources, duplicates_n=dict(count)))


def _column(source: Source, name: str) -> pd.Series[str]:
    """Return a column as text, empty where the file does not have it."""
    if name not in source.frame:
        return pd.Series("", index=source.frame.index)
    return source.frame[name].astype(str)


def _dates(text: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    return reduce(
        lambda made, form: made.fillna(pd.to_datetime(text, format=form, errors="coerce")),
        _DATES,
        pd.Series(pd.NaT, index=text.index, dtype="datetime64[ns]"),
    )


def _rating(source: Source) -> pd.Series[str]:
    text = _column(source, "rating").str.lower()
    known = {r.lower(): r for r in RATINGS} | dict.fromkeys(_NO_RATING, "")
    return text.map(known)


def _faults(source: Source) -> list[Fault]:
    places = _column(source, "places")
    registered, inspected = (_column(source, c) for c in ("registration_date", "inspection_date"))
    checks = (
        ("URN", ~_column(source, "urn").str.fullmatch(r"(?i)(SC)?\d{5,7}"), "not an Ofsted number"),
        ("Provision type", _column(source, "provision_type") == "", "empty"),
        ("Local authority", _column(source, "authority") == "", "empty"),
        ("Places", ~places.str.fullmatch(r"\d*"), "not a whole number, nor empty"),
        ("Registration date", _dates(registered).isna() & (registered != ""), "not a date"),
        ("Latest full inspection date", _dates(inspected).isna() & (inspected != ""), "not a date"),
        ("Overall experiences and progress", _rating(source).isna(), "not a judgement of Ofsted's"),
    )
    return [
        at_rows(source.file, column, rule, _AGAIN, source.frame.index[wrong])
        for column, wrong, rule in checks
        if wrong.any()
    ]


def _frame(source: Source) -> pd.DataFrame:
    frame = pd.DataFrame({name: _column(source, name) for name in _TEXT})
    region = _column(source, "region")
    titled = _AS_AT.search(source.heading)
    return frame.assign(
        urn=_column(source, "urn").str.upper(),
        name=frame["name"].mask(frame["name"].str.lower() == _WITHHELD, ""),
        places=pd.to_numeric(_column(source, "places"), errors="coerce").astype(float),
        region=region.mask(region == "", _column(source, "ofsted_region")),
        rating=_rating(source),
        short_breaks_only=_column(source, "short_breaks") != "",
        registration_date=_dates(_column(source, "registration_date")),
        inspection_date=_dates(_column(source, "inspection_date")),
        as_at=_dates(pd.Series(titled[1] if titled else "", index=frame.index)),
        file=source.file,
        row=source.frame.index,
    )
