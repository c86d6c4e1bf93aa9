"""Text of tables and days: byte for byte what pandas writes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs.synthetic.text import dfe_days, iso_days, write_csv

DAYS = st.integers(-25_000, 47_000) | st.none()  # 1901 to 2098


@pytest.mark.property
@given(st.lists(DAYS, min_size=1, max_size=8))
def test_days_are_written_as_strftime_writes_them(days):
    days = [pd.NaT if d is None else pd.Timestamp(np.datetime64(d, "D")) for d in days]
    values = pd.Series(days, dtype="datetime64[ns]")
    assert list(dfe_days(values)) == ["" if d is pd.NaT else f"{d:%d/%m/%Y}" for d in days]
    assert list(iso_days(values)) == ["" if d is pd.NaT else f"{d:%Y-%m-%d}" for d in days]


@pytest.mark.property
@given(
    st.lists(
        st.tuples(
            st.text(st.sampled_from('aé ,"\n&'), max_size=4) | st.none(),
            st.integers(-5, 5),
            st.floats(-1e6, 1e6).map(lambda x: round(x, 2)) | st.just(float("nan")),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_a_table_is_written_byte_for_byte_as_pandas_would(tmp_path_factory, rows):
    frame = pd.DataFrame(rows, columns=["text", "whole", "money"])
    frame = frame.astype({"text": object, "money": float})
    folder = tmp_path_factory.mktemp("csv")
    write_csv(frame, folder / "ours.csv")
    frame.to_csv(folder / "pandas.csv", index=False, lineterminator="\n")
    assert (folder / "ours.csv").read_bytes() == (folder / "pandas.csv").read_bytes()
