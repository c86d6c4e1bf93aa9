"""The catalogue of checks: what is looked for in a return, and what is done about it.

Twenty-seven rule groups, each with one or more checks. The words here are the words of the
data-quality chapter; the functions that find the rows stand in the sibling modules under the
same rule number.

Notes
-----
Time limits, age limits and pairs of codes follow the published rules of the sector's SSDA903
validator (csc-validator-be-903, rules 218-221, 352-391, 501-504, 529-531) and the code
dictionary of the return. Unlike it, blank mandatory cells are counted here, and rules of age
and of time look at open episodes too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["CHECKS", "RULES", "Action", "Check"]

Action = Literal["kept", "repaired", "left_out"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked for.

    Parameters
    ----------
    rule : str
        Number of the rule group, two digits.
    slug : str
        Name within the group.
    label : str
        What is wrong, in plain words.
    action : {"kept", "repaired", "left_out"}
        What is done with the rows.
    how : str
        What that means for the analysis.
    table : str
        Table whose rows are counted.
    """

    rule: str
    slug: str
    label: str
    action: Action
    how: str
    table: str = "episodes"


RULES: dict[str, str] = {
    "01": "Child missing from the Header, or in it twice",
    "02": "Episode start date",
    "03": "Reason for new episode",
    "04": "Legal status",
    "05": "Category of need",
    "06": "Placement type",
    "07": "End date and end reason do not go together",
    "08": "Episode ends before or on the day it starts",
    "09": "Episodes overlap",
    "10": "Gap inside a period of care",
    "11": "Episode said to continue, and nothing follows",
    "12": "Episode after an exit that is not a start",
    "13": "Returns do not join at the turn of the year",
    "14": "Date of birth missing or not possible",
    "15": "Aged eighteen or over",
    "16": "Dates outside the return",
    "17": "Short breaks",
    "18": "Temporary placements",
    "19": "Reason for new episode against what changed",
    "20": "Provider against placement type",
    "21": "Postcodes",
    "22": "Ofsted number",
    "23": "Unaccompanied asylum-seeking children",
    "24": "Child's details differ between returns",
    "25": "Age against placement, legal status and exit",
    "26": "Legal status beyond its time limit",
    "27": "Returns disagree, or use codes not valid for their year",
}

_KEPT = "Kept as read"
_UNKNOWN = "Kept; counted as not known"
_BLANKED = "Set blank; counted as not known"
_OUT = "Left out"


def _kept(rule: str, slug: str, label: str, how: str = _KEPT, table: str = "episodes") -> Check:
    return Check(rule, slug, label, "kept", how, table)


def _mended(rule: str, slug: str, label: str, how: str, table: str = "episodes") -> Check:
    return Check(rule, slug, label, "repaired", how, table)


def _out(rule: str, slug: str, label: str, how: str = _OUT, table: str = "episodes") -> Check:
    return Check(rule, slug, label, "left_out", how, table)


def _code(rule: str, what: str) -> tuple[Check, Check]:
    return (
        _kept(rule, "blank", f"{what} is blank", _UNKNOWN),
        _mended(rule, "unknown", f"{what} is not a code of any year", _BLANKED),
    )


_NOT_STOCK = "Kept; not counted among children looked after from the eighteenth birthday"
_PERIODS = "Kept; the days in between are not counted as care"

CHECKS: tuple[Check, ...] = (
    _kept("01", "missing", "Child has episodes and no Header row", _UNKNOWN),
    _out("01", "twice_same", "Child twice in the Header, rows alike", "One row kept", "header"),
    _out(
        "01",
        "twice_differs",
        "Child twice in the Header, rows differ",
        "The row with more cells filled kept",
        "header",
    ),
    _kept(
        "01",
        "no_episodes",
        "Child in the Header with neither an episode nor a care leaver's row",
        "Kept; counted nowhere",
        "header",
    ),
    _out("02", "blank", "Start date is blank", "Left out: it cannot be placed in time"),
    _out("02", "unreadable", "Start date cannot be read", "Left out: it cannot be placed in time"),
    *_code("03", "Reason for new episode"),
    *_code("04", "Legal status"),
    *_code("05", "Category of need"),
    _kept("05", "changes", "Category of need changes inside a period of care"),
    *_code("06", "Placement type"),
    _mended(
        "07",
        "rec_without_dec",
        "End reason given, no end date",
        "Treated as open; end reason set blank",
    ),
    _mended(
        "07",
        "x1_without_dec",
        "Of these, end reason says that another episode follows",
        "Treated as open; end reason set blank",
    ),
    _mended(
        "07",
        "continued",
        "End date given, no known end reason, and the next episode starts that day",
        "End reason set to continuing",
    ),
    _kept(
        "07",
        "dec_without_rec",
        "End date given, no end reason, and nothing starts that day",
        "Kept; ended, reason not known",
    ),
    _mended("07", "rec_unknown", "End reason is not a code of any year", _BLANKED),
    _mended("08", "unreadable", "End date cannot be read", "Treated as open until the next starts"),
    _kept("08", "same_day", "Ends on the day it starts", "Kept; counts no day of care"),
    _mended(
        "08",
        "before_then_next",
        "Ends before it starts, another episode follows",
        "Ends when the next episode starts",
    ),
    _out("08", "before", "Ends before it starts, nothing follows"),
    _out("09", "duplicate", "Row is an exact copy of another", "One copy kept"),
    _out(
        "09",
        "same_start",
        "Two episodes of a child start on one day",
        "The one that ends later kept",
    ),
    _out(
        "09",
        "inside",
        "Lies inside a longer episode that goes on after it",
        "Left out; the longer episode kept",
    ),
    _mended(
        "09", "overlap", "Ends after the next episode starts", "Cut to end when the next starts"
    ),
    _mended(
        "09",
        "open_then_another",
        "Open although a later episode follows",
        "Closed when the next starts; end reason set to continuing",
    ),
    _kept("10", "one_day", "Next episode starts a day after the end", "Kept; counted as unbroken"),
    _kept("10", "gap", "Days missing between episodes of one period of care", _PERIODS),
    _kept("11", "nothing_follows", "Said to continue, and is the child's last episode", _KEPT),
    _kept("11", "later", "Said to continue, and the next episode starts later", _PERIODS),
    _kept(
        "12",
        "same_day",
        "Exit reason given, and care goes on the same day",
        "Kept; the period of care goes on",
    ),
    _kept("12", "later", "Care resumes after an exit without being called a start"),
    _kept(
        "13",
        "not_start",
        "First episode starts in the year, is no start, and the child was not looked after before",
    ),
    _mended(
        "13",
        "lost",
        "Open at the end of the return, and the child is in no episode of the next",
        "Ends the day after the return's last day; reason not known",
    ),
    _kept(
        "13",
        "late",
        "Started before the return's year, and in no episode of the return before",
        "Kept; added to the earlier year",
    ),
    _kept("14", "blank", "Date of birth is blank", _UNKNOWN, "header"),
    _kept("14", "unreadable", "Date of birth cannot be read", _UNKNOWN, "header"),
    _mended(
        "14",
        "after_start",
        "Born after the first episode starts",
        "Date of birth set to not known",
        "header",
    ),
    _kept("14", "old", "Aged over twenty-five in the return's year", _NOT_STOCK, "header"),
    _kept("15", "start", "Starts to be looked after at eighteen or over", _NOT_STOCK),
    _kept("15", "open", "Open after the eighteenth birthday", _NOT_STOCK),
    _kept("15", "ended_after", "Ends after the eighteenth birthday", _NOT_STOCK),
    _out("16", "starts_after", "Starts after the last day of the return", "Left out of the return"),
    _mended("16", "ends_after", "Ends after the last day of the return", "Treated as open"),
    _kept("16", "ended_before", "Ended before the first day of the return"),
    _kept("17", "mixed", "Short break inside a period of ordinary care, or the reverse"),
    _kept("17", "over_17_days", "A short break of more than seventeen days"),
    _kept("17", "over_75_days", "More than seventy-five days of short breaks in the year"),
    _kept("17", "not_a_start", "A short break that is not coded as a start"),
    _kept("17", "placement", "A short break in a long-term or temporary placement"),
    _kept("18", "hospital_over_42", "In hospital for more than six weeks"),
    _kept("18", "carer_holiday_over_21", "Carer on holiday for more than three weeks"),
    _kept("18", "other_over_7", "Other temporary move of more than seven days"),
    _kept("18", "third_carer_holiday", "More than two holidays of the carer in the year"),
    _kept("18", "starts_care", "Period of care starts in a temporary placement"),
    _kept("18", "ends_care", "Period of care ends in a temporary placement"),
    _kept("18", "no_return", "No return to the placement held before"),
    _kept("19", "ls_unchanged", "Legal status said to change, and does not"),
    _kept("19", "ls_changed", "Legal status changes, and is not said to"),
    _kept("19", "place_unchanged", "Placement said to change, and nothing of it does"),
    _kept("19", "place_changed", "Placement type changes, and is not said to"),
    _kept("19", "start_inside", "Called a start, and care was unbroken"),
    _kept("19", "no_reason", "Placement changes, and no reason is given", _UNKNOWN),
    _kept("19", "reason_unneeded", "Reason given, and the placement does not change"),
    _kept("20", "blank", "Provider is blank where one is needed", _UNKNOWN),
    _mended("20", "unknown", "Provider is not a code of any year", _BLANKED),
    _kept("20", "not_needed", "Provider given for a temporary or other placement"),
    _kept("20", "not_allowed", "Provider cannot go with the placement type"),
    _kept("21", "home_blank", "Home postcode is blank", "Kept; distance not known"),
    _kept("21", "place_blank", "Placement postcode is blank", "Kept; distance not known"),
    _kept("21", "malformed", "Postcode is not in the form of one", "Kept; distance not known"),
    _kept("21", "same", "Placement postcode is the home postcode, away from parents and kin"),
    _kept("22", "blank", "Ofsted number is blank where one is needed", _UNKNOWN),
    _kept("22", "malformed", "Ofsted number is not in the form of one"),
    _kept("22", "not_known", "Ofsted number is given as not known", _UNKNOWN),
    _kept("22", "two_kinds", "One Ofsted number for fostering and for a children's home"),
    _kept("23", "ended_after_18", "Status ends after the eighteenth birthday", _KEPT, "uasc"),
    _kept("23", "ended_before_care", "Status ends before care starts", _KEPT, "uasc"),
    _kept("23", "differs", "Sex or date of birth differs from the Header", "Header kept", "uasc"),
    _kept("23", "no_episodes", "In the table, with no episode in the return", _KEPT, "uasc"),
    _kept("23", "need", "Category of need is not absent parenting"),
    _kept("23", "home_postcode", "Home postcode given"),
    _kept("23", "dropped", "In the table the year before, status not ended, and not in it now"),
    _kept("24", "sex", "Sex differs from an earlier return", "Latest return used", "header"),
    _kept(
        "24", "dob", "Date of birth differs from an earlier return", "Latest return used", "header"
    ),
    _kept(
        "24", "ethnic", "Ethnicity differs from an earlier return", "Latest return used", "header"
    ),
    _kept("24", "upn", "Pupil number differs from an earlier return", "Not used", "header"),
    _kept("24", "upn_shared", "Pupil number shared with another child", "Not used", "header"),
    _kept("25", "supported", "Too young for supported accommodation or independent living"),
    _kept("25", "employment", "Under fourteen in residential employment"),
    _kept("25", "custody", "Under ten in custody"),
    _kept("25", "school", "Under four in a residential school"),
    _kept("25", "youth_justice", "Under ten with a youth justice legal status"),
    _kept("25", "care_order", "A care order that starts at seventeen or over"),
    _kept("25", "exit", "Too young or too old for the exit reason"),
    _kept("26", "police_protection", "Police protection for more than three days"),
    _kept("26", "emergency_order", "Emergency protection order for more than twenty-one days"),
    _kept("26", "assessment_order", "Child assessment order for more than seven days"),
    _kept("26", "police_custody", "Police custody for more than twenty-one days"),
    _kept("26", "freeing_order", "Freeing order for a child born after the last were granted"),
    _kept("27", "place_year", "Placement type not valid in the return's year"),
    _kept("27", "status_year", "Legal status not valid in the return's year"),
    _kept("27", "reason_year", "End reason or reason of change not valid in the return's year"),
    _kept("27", "sex_year", "Sex coded as in other years", _KEPT, "header"),
    _kept("27", "sex_unknown", "Sex is blank or no code", _UNKNOWN, "header"),
    _kept("27", "ethnic_unknown", "Ethnicity is blank or no code", _UNKNOWN, "header"),
    _kept("27", "revised", "Episode revised by a later return", "Later return used"),
    _kept(
        "27", "end_revised", "End date or end reason revised by a later return", "Later return used"
    ),
    _mended(
        "27",
        "gone",
        "Open at the end of the return, and the next has later episodes of the child instead",
        "Ends when those start, or the day after the return's last day",
    ),
    _out(
        "27",
        "replaced",
        "Open at the end of the return, and the next has an episode from an earlier day instead",
        "Left out; the later return used",
    ),
)
