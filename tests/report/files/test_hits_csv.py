import io

import msgspec
import pandas as pd
from made_hits import HITS, hit

from molq.report.files.hits_csv import hits_csv
from molq.report.text.hit_columns import hit_columns


def test_pandas_reads_every_field_back():
    frame = pd.read_csv(io.BytesIO(hits_csv(HITS)), keep_default_na=False)
    for column in hit_columns(HITS):
        assert [str(cell) for cell in frame[column.name]] == ["" if c is None else str(c) for c in column.cells]


def test_a_lone_carriage_return_ends_no_row():
    found = msgspec.structs.replace(HITS, hits=(hit(identifier="old\rmac"), hit(identifier="next")))
    frame = pd.read_csv(io.BytesIO(hits_csv(found)), keep_default_na=False)
    assert frame["id"].tolist() == ["old\rmac", "next"]
