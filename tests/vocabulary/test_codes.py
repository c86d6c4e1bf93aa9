"""The code lists: no two codes of a list say the same, unless they are no longer in use."""

import pytest

from needs.vocabulary.codes import code_set

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("name", ["PLACE", "REC", "LS", "CIN", "RNE", "PLACE_PROVIDER"])
def test_codes_of_a_year_have_labels_of_their_own(name):
    codes = code_set(name)
    labels = [codes.labels[c] for c in codes.valid_in(2023)]
    assert len(set(labels)) == len(labels)
