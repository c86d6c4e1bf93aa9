"""The frames that readers fill and analyses use: child-level records and published figures.

Identifiers stop at the reader. Analyses see ``child``, a row number with no meaning
outside the run; only the reader's private key joins other inputs to it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar, cast

import pandas as pd

from needs.vocabulary.errors import InputMissing
from needs.vocabulary.study_sections import Counting

if TYPE_CHECKING:
    from needs.vocabulary.study import Study

__all__ = ["Published", "Records", "StudyData", "Table", "without_header"]

T = TypeVar("T")


@dataclass(frozen=True)
class Records:
    """Checked SSDA903 records of one authority over any number of years.

    Attributes
    ----------
    children : pandas.DataFrame
        One row a child, index ``child`` (int32, 0..n-1). Columns: ``sex`` (male, female,
        unknown), ``dob`` (datetime64[ns], NaT unknown), ``ethnic`` (DfE code), ``uasc`` (bool:
        ever in a UASC table), ``uasc_end`` (datetime64[ns]: status ended, NaT never).
    episodes : pandas.DataFrame
        One row an episode, sorted by ``child, decom, dec`` (open episodes last). Columns:
        ``child`` (int32), ``decom``, ``dec`` (datetime64[ns], NaT still open at
        :attr:`data_end`), ``rne, ls, cin, place, provider, rec, reason_place_change``
        (category of DfE codes, NaN blank), ``urn, home_post, pl_post`` (category),
        ``pl_la, pl_location`` (category, where an export carries them), ``pl_distance``
        (float miles, NaN unknown), ``return_year`` (int16, end year of the return the row is
        kept from), ``period_of_care`` (int32, 0..k-1), ``repaired`` (bool). Where the study has
        a postcode lookup: blanks of ``pl_distance, pl_la, pl_location`` filled from it, and
        ``pl_source`` (category: return, postcodes, no_postcode, not_in_lookup) and
        ``pl_district`` (category: ONS code of the placement's district).
    tables : mapping of str to pandas.DataFrame
        The other tables, keyed ``reviews, uasc, oc2, oc3, ad1, placed_adoption, prev_perm,
        missing, sw_episodes, dolo``: columns in lower case, ``child`` int32, dates parsed,
        ``return_year``. A table that no return has is absent.
    returns : pandas.DataFrame
        One row a return, by year: ``return_year`` (int), ``label`` (2022-23), ``start``,
        ``end`` (last day the return speaks of), ``extract`` (bool: ends before 31 March),
        ``children_n`` (in Header or Episodes), ``episodes_n`` (as read), ``files`` (names,
        comma-separated), ``set_aside`` (extracts of the same year that this return replaces),
        ``year_told`` (words: what told the year of its files, their dates, what they hold …),
        ``extra_columns_n`` (columns of the files that were kept out), ``copies`` (words: tables
        that came twice and were read once) and ``copies_n`` (how many).
    findings : pandas.DataFrame
        Data quality, one row a rule, return and action: ``rule`` (``08``), ``check`` (slug
        within the rule), ``label``, ``return_year``, ``rows_n``, ``children_n``, ``action``
        (kept, repaired, left_out), ``how`` (words), ``stock_n`` (children in the stock at the
        end of that return that are affected). Rules with nothing found have ``rows_n`` 0.
        Check ``any`` of a rule counts each row of the whole group once, and has the group's
        label. Rule ``00`` finds no fault: checks ``read``, ``left_out``, ``repaired`` (episodes)
        and ``header_read``, ``header_left_out``; ``stock_n`` of ``read`` is the whole stock.
    conflicts : pandas.DataFrame
        Differences between returns about the same episode or child: ``earlier_year``,
        ``later_year``, ``field``, ``rows_n``. ``field`` is a column (``table.column`` outside
        Header and Episodes), or ``decom`` (start corrected), ``not_continued``, ``added_later``
        or ``overlap``. The years are the same where an extract was replaced in its own year.
    data_end : pandas.Timestamp
        Last day that the latest return speaks of; nothing is known after it.
    """

    children: pd.DataFrame
    episodes: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    returns: pd.DataFrame
    findings: pd.DataFrame
    conflicts: pd.DataFrame
    data_end: pd.Timestamp
    ids: pd.Index = field(repr=False, compare=False, default_factory=lambda: pd.Index([]))
    """Private key: position ``child`` -> the authority's identifier. Never leaves the reader."""
    counting: Counting = field(default_factory=Counting)
    """How the study counts what the DfE's rules leave open."""
    as_known: Callable[..., Records] | None = field(default=None, repr=False, compare=False)
    """Rebuilds the records as they were known when a return was made, where they were read from
    returns: ``as_known(until, since=0)`` takes the returns whose end years lie between the two.
    Children are the same numbers as here and stand as every return up to ``until`` says;
    ``tables``, ``findings`` and ``conflicts`` are empty. Of the year ``until`` nothing changes
    where ``since`` is the return before it: an earlier one says nothing of days after its own
    end. Worked out when called, from what stays in memory; nothing is written."""


def without_header(records: Records) -> list[str]:
    """Return the labels of returns in which no episode's child has a Header row."""
    f = records.findings
    missing = f[(f["rule"] == "01") & (f["check"] == "missing")].set_index("return_year")["rows_n"]
    r = records.returns.sort_values("return_year")
    rows = r["return_year"].map(missing).fillna(0)
    return list(r.loc[(rows > 0) & (rows >= r["episodes_n"]), "label"])


@dataclass(frozen=True)
class Published:
    """Figures typed from published documents.

    Attributes
    ----------
    figures : pandas.DataFrame
        One row a printed figure, columns in ``needs.inputs.published.COLUMNS``:
        ``figure`` (id, unique), ``document``, ``place`` (section, table, page or paragraph),
        ``table`` (slug of the table it belongs to; empty for figures in running text), ``area``,
        ``period`` (2022-23, 2022, 2023-03-31, 2013-03 …), ``measure``, ``group``, ``by``,
        ``value`` (float), ``printed`` (text exactly as printed), ``unit``, ``note``.
    documents : pandas.DataFrame
        One row a document, columns ``id, title, date, publisher``; empty where the study
        gives no list of documents.
    relations : pandas.DataFrame
        How numbers follow from others, columns ``figure, operation, operands, either, note``
        (see ``needs.vocabulary.operations``); empty where the study types none.
    """

    figures: pd.DataFrame
    documents: pd.DataFrame = field(default_factory=pd.DataFrame)
    relations: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True)
class Table:
    """One input as its reader found it right, and what was counted on the way.

    Attributes
    ----------
    frame : pandas.DataFrame
        Rows of every file together; the reader documents the columns.
    facts : pandas.DataFrame
        One row a file, by name: ``file``, ``rows_n`` (as read), ``duplicates_n`` (rows said
        before, kept once), ``left_out_n`` (rows that the input does not use),
        ``extra_columns_n`` (columns kept out); a reader may add columns of its own.
    joins : pandas.DataFrame
        What was found of it in other inputs, one row a join and outcome: ``join`` (child,
        care, provider, provision, contract), ``outcome`` (matched, blank, unknown …; see
        ``needs.inputs.joins``), ``rows_n``, ``children_n`` (children of those rows, NaN where rows
        are of none), ``gbp`` (pounds, NaN where the table has none). Empty where nothing is
        joined. ``child`` in ``frame`` is -1 where no child of the returns was found.
    """

    frame: pd.DataFrame
    facts: pd.DataFrame
    joins: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True)
class StudyData:
    """A study with its inputs, each read when first asked for.

    Parameters
    ----------
    study : Study
        The settings.
    readers : mapping of str to callable
        Input name -> function of the study that reads it.
    joins : mapping of str to callable
        Input name -> function that ties what was read to other inputs of the same study.

    Raises
    ------
    InputMissing
        When an input is asked for that the study does not declare.
    """

    study: Study
    readers: Mapping[str, Callable[[Study], object]]
    joins: Mapping[str, Callable[[StudyData, object], object]] = field(default_factory=dict)
    _read: dict[str, object] = field(default_factory=dict, repr=False, compare=False)
    _made: dict[str, object] = field(default_factory=dict, init=False, repr=False, compare=False)
    _rests: dict[str, set[str]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _watches: list[set[str]] = field(default_factory=list, init=False, repr=False, compare=False)

    @contextlib.contextmanager
    def watched(self) -> Iterator[set[str]]:
        """Yield a set that holds, at the end, the inputs that what was made meanwhile rests on."""
        seen: set[str] = set()
        self._watches.append(seen)
        try:
            yield seen
        finally:
            self._watches.pop()

    def _told(self, names: Iterable[str]) -> None:
        for seen in self._watches:
            seen.update(names)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what ``make`` returns, made once for this study's data under that name."""
        if name not in self._made:
            with self.watched() as self._rests[name]:
                self._made[name] = make()
        self._told(self._rests.get(name, ()))
        return cast("T", self._made[name])

    def read(self, name: str) -> object:
        """Return the input of that name, read once."""
        if not self.study.inputs.patterns(name):
            raise InputMissing(name)
        if name not in self._read:
            read = self.readers[name](self.study)
            self._read[name] = self.joins[name](self, read) if name in self.joins else read
        self._told((name,))
        return self._read[name]

    @property
    def records(self) -> Records:
        """SSDA903 records."""
        read = cast("Records", self.read("ssda903"))
        if read.counting == self.study.counting:
            return read
        return self.once("records", lambda: replace(read, counting=self.study.counting))

    @property
    def published(self) -> Published:
        """Published figures."""
        return cast("Published", self.read("published"))

    @property
    def assessments(self) -> Table:
        """Needs assessments (``needs inputs assessments``)."""
        return cast("Table", self.read("assessments"))

    @property
    def attributes(self) -> Table:
        """Attributes of children (``needs inputs attributes``)."""
        return cast("Table", self.read("attributes"))

    @property
    def costs(self) -> Table:
        """Placement costs (``needs inputs costs``)."""
        return cast("Table", self.read("costs"))

    @property
    def providers(self) -> Table:
        """Providers and their other names (``needs inputs providers``)."""
        return cast("Table", self.read("providers"))

    @property
    def contracts(self) -> Table:
        """Contracts for places (``needs inputs contracts``)."""
        return cast("Table", self.read("contracts"))

    @property
    def uplifts(self) -> Table:
        """Price uplifts (``needs inputs uplifts``)."""
        return cast("Table", self.read("uplifts"))

    @property
    def allowances(self) -> Table:
        """Permanence allowances (``needs inputs allowances``)."""
        return cast("Table", self.read("allowances"))

    @property
    def provision(self) -> Table:
        """Homes, units and foster households (``needs inputs provision``)."""
        return cast("Table", self.read("provision"))

    @property
    def voids(self) -> Table:
        """Places that stood empty (``needs inputs voids``)."""
        return cast("Table", self.read("voids"))

    @property
    def carers(self) -> Table:
        """Foster carer pipeline (``needs inputs carers``)."""
        return cast("Table", self.read("carers"))

    @property
    def referrals(self) -> Table:
        """Requests for placements (``needs inputs referrals``)."""
        return cast("Table", self.read("referrals"))

    @property
    def edge_of_care(self) -> Table:
        """Work on the edge of care, by stage and unit (``needs inputs edge_of_care``)."""
        return cast("Table", self.read("edge_of_care"))

    @property
    def postcodes(self) -> Table:
        """Postcodes and where they lie (``needs inputs postcodes``)."""
        return cast("Table", self.read("postcodes"))

    @property
    def finance(self) -> Table:
        """Budget, outturn and forecast (``needs inputs finance``)."""
        return cast("Table", self.read("finance"))

    @property
    def placement_budget(self) -> Table:
        """Budget of placements (``needs inputs placement_budget``)."""
        return cast("Table", self.read("placement_budget"))

    @property
    def care_leavers(self) -> Table:
        """Young people entitled to leaving-care support (``needs inputs care_leavers``)."""
        return cast("Table", self.read("care_leavers"))

    @property
    def targets(self) -> Table:
        """Targets (``needs inputs targets``)."""
        return cast("Table", self.read("targets"))

    @property
    def action_plan(self) -> Table:
        """The board's action plan with its history (``needs inputs action_plan``)."""
        return cast("Table", self.read("action_plan"))

    @property
    def scorecard(self) -> Table:
        """Indicators of performance (``needs inputs scorecard``)."""
        return cast("Table", self.read("scorecard"))

    @property
    def narrative(self) -> Table:
        """Dated commentary (``needs inputs narrative``)."""
        return cast("Table", self.read("narrative"))

    @property
    def cited(self) -> Table:
        """Figures cited from elsewhere (``needs inputs cited``)."""
        return cast("Table", self.read("cited"))

    @property
    def assumptions(self) -> Table:
        """What the study takes for granted, with owners (``needs inputs assumptions``)."""
        return cast("Table", self.read("assumptions"))

    @property
    def population(self) -> Table:
        """ONS population estimates (``needs.inputs.official.population``)."""
        return cast("Table", self.read("population"))

    @property
    def projections(self) -> Table:
        """ONS population projections (``needs.inputs.official.projections``)."""
        return cast("Table", self.read("projections"))

    @property
    def comparators(self) -> Table:
        """DfE figures of every area (``needs.inputs.official.comparators``)."""
        return cast("Table", self.read("comparators"))

    @property
    def unit_costs(self) -> Table:
        """Section 251 unit costs of authorities (``needs.inputs.official.unit_costs``)."""
        return cast("Table", self.read("unit_costs"))

    @property
    def neighbours(self) -> Table:
        """Statistical neighbours (``needs.inputs.official.neighbours``)."""
        return cast("Table", self.read("neighbours"))

    @property
    def ofsted(self) -> Table:
        """Registered providers (``needs.inputs.official.ofsted``)."""
        return cast("Table", self.read("ofsted"))

    def has(self, name: str) -> bool:
        """Whether the study declares the input."""
        return bool(self.study.inputs.patterns(name))
