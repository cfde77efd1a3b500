from __future__ import annotations

import io
import zipfile

import openpyxl
import pyarrow as pa

from molq.chem.pictures.png import png
from molq.server.workbook import workbook


def test_images_stand_before_their_rows():
    image = png("CCO", size=(300, 200))
    content = workbook([pa.record_batch({"a": ["x", "y", "z"]})], images=[None, image])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert list(sheet.iter_rows(values_only=True)) == [("structure", "a"), (None, "x"), (None, "y"), (None, "z")]
    assert [row for row, sizes in sheet.row_dimensions.items() if sizes.height] == [3]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".png")]
        assert archive.read(name) == image


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
