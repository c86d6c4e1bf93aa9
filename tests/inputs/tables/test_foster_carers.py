"""Dates of foster households that cannot follow one another are refused, each by its columns."""

from __future__ import annotations

import pytest

from needs.inputs.tables.reader import read
from needs.vocabulary.errors import NeedsError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("enquiry", "application"),
        ("application", "approval"),
        ("enquiry", "approval"),
        ("enquiry", "withdrawn"),
        ("approval", "deregistration"),
    ],
)
def test_a_stage_before_the_one_it_follows_is_refused(study, first, then):
    row = {"carer_id": "F1", "kind": "mainstream", "enquiry": "", "application": ""}
    row |= {"approval": "", "withdrawn": "", "deregistration": ""}
    row |= {first: "2021-05-01", then: "2020-05-01"}
    content = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
    with pytest.raises(NeedsError) as stopped:
        read(study(carers={"a.csv": content.encode()}), "carers")
    assert any({first, then} <= set(str(f).replace(",", " ").split()) for f in stopped.value.faults)
