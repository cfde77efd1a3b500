from __future__ import annotations

import openpyxl
import pyarrow as pa

from molq.server.workbook import workbook


def test_text_stays_text_and_numbers_stay_numbers(tmp_path):
    batch = pa.record_batch(
        {"a": ["=1+1", "http://x", "\x1b[2K", None], "b": pa.array([0.1, None, 3, 4], pa.float32())}
    )
    place = tmp_path / "x.xlsx"
    assert workbook([batch, batch], place) == b""
    rows = list(openpyxl.load_workbook(place).active.iter_rows(values_only=True))
    assert rows[0] == ("a", "b")
    assert rows[1] == ("=1+1", 0.1)
    assert rows[2] == ("http://x", None)
    assert rows[3][0] == "\\x1b[2K"
    assert len(rows) == 9
