from __future__ import annotations

import io
import random
from typing import BinaryIO

import pytest

from molq.errors import InputError
from molq.records.chunk import MAX_RECORD_BYTES
from molq.records.layout import Layout
from molq.records.text import cuts
from molq.records.text.cuts import Cuts
from molq.records.text.reader import spans_of

QUOTED = Layout("here", "delimited", delimiter=",", quoted=True)
PLAIN = Layout("here", "spaced")
SDF = Layout("here", "sdf")


def cut_at(file: BinaryIO, byte: int, first: int, size: int, layout: Layout) -> int:
    return Cuts(layout).at(file, byte, first, size)


def cut_everywhere(data: bytes, layout: Layout, first: int = 0) -> list[int]:
    return [cut_at(io.BytesIO(data), byte, first, len(data), layout) for byte in range(len(data) + 1)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_cut_stands_at_the_first_line_that_begins_there_or_later(end):
    lines = [b"CCO a", b"CN", b"", b"CCC long name"]
    data = end.join(lines) + end
    begins = [0]
    for line in lines:
        begins.append(begins[-1] + len(line) + len(end))
    assert cut_everywhere(data, PLAIN) == [min(at for at in begins if at >= byte) for byte in range(len(data) + 1)]


def test_nothing_lies_before_the_first_record():
    assert cut_everywhere(b"smiles\nCC\nCN\n", PLAIN, 7)[:8] == [7] * 8


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 7, 1 << 20])
@pytest.mark.parametrize(
    "data",
    [b'CC,"a\nb"\nCN,c\n\n\n"C\n\nO",d\nCCC,5"\n', b'CC,x\n"CN\r\n",y\r\n\r\nCO,"z', b'CC,"a""\n""b",\nCO,1\nCO,2\n'],
)
def test_a_cut_stands_between_records_where_quotes_are(monkeypatch, data, block_bytes):
    monkeypatch.setattr(cuts, "_BLOCK_BYTES", block_bytes)
    spans = spans_of(QUOTED)(data, True)
    inside = {at for a, b in zip(spans.starts.tolist(), spans.stops.tolist(), strict=True) for at in range(a + 1, b)}
    places = cut_everywhere(data, QUOTED)
    assert not inside & set(places)
    assert places == sorted(places)
    assert all(place >= byte for byte, place in enumerate(places))
    known = Cuts(QUOTED)
    assert [known.at(io.BytesIO(data), byte, 0, len(data)) for byte in range(len(data) + 1)] == places


def test_text_without_quotes_from_there_on_is_not_read_from_its_beginning():
    class Counted(io.BytesIO):
        least = 10**9

        def seek(self, place: int, whence: int = 0) -> int:
            self.least = min(self.least, place)
            return super().seek(place, whence)

    rows = b"CCO,1\n" * 1000
    file = Counted(rows)
    assert cut_at(file, 3001, 0, len(rows), QUOTED) == 3006
    assert file.least == 3000
    quotes = Counted(rows + b'"C",2\n')
    assert cut_at(quotes, 3001, 0, len(rows) + 6, QUOTED) == 3006
    assert quotes.least == 0


@pytest.mark.parametrize("quoted", [False, True])
def test_many_cuts_are_those_that_are_found_alone_and_read_the_text_but_once_or_twice(monkeypatch, quoted):
    class Counted(io.BytesIO):
        n_bytes = 0

        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            self.n_bytes += len(data)
            return data

    monkeypatch.setattr(cuts, "_BLOCK_BYTES", 512)
    monkeypatch.setattr(cuts, "MAX_RECORD_BYTES", 20_000)
    dice = random.Random(0)
    row = '"{}","a\n\nb"\n' if quoted else "{},b\n"
    data = "".join(row.format("C" * dice.randrange(1, 60)) for _ in range(4000)).encode()
    places = sorted(dice.sample(range(len(data)), 60))
    alone = [cut_at(io.BytesIO(data), byte, 0, len(data), QUOTED) for byte in places]
    file, known = Counted(data), Cuts(QUOTED)
    assert [known.at(file, byte, 0, len(data)) for byte in places] == alone
    assert file.n_bytes < 2 * len(data)
    dice.shuffle(places)
    known = Cuts(QUOTED)
    assert sorted(known.at(file, byte, 0, len(data)) for byte in places) == alone


def test_an_sd_file_is_cut_after_lines_of_dollars(monkeypatch):
    data = b"a\n$$$$\nb $$$$\n$$$$ more\r\nc\n$$$$\n"
    ends = [(data.index(b"$$$$"), 7), (data.index(b"\n$$$$ ") + 1, data.index(b"c")), (len(data) - 5, len(data))]
    expected = [0] + [next((end for mark, end in ends if mark >= byte), len(data)) for byte in range(1, len(data) + 1)]
    for block_bytes in (1, 4, 1 << 20):
        monkeypatch.setattr(cuts, "_BLOCK_BYTES", block_bytes)
        assert cut_everywhere(data, SDF) == expected


def test_a_record_that_does_not_end_is_refused(monkeypatch):
    monkeypatch.setattr(cuts, "MAX_BLANK_BYTES", 0)
    monkeypatch.setattr(cuts, "MAX_RECORD_BYTES", 100)
    monkeypatch.setattr(cuts, "_BLOCK_BYTES", 64)
    data = b'"' + b"C" * 500 + b'"\n'
    with pytest.raises(InputError, match="does not end"):
        cut_at(io.BytesIO(data), 450, 0, len(data), QUOTED)
    assert cut_at(io.BytesIO(b"C" * 500), 250, 0, 500, PLAIN) == 249 + 192
    assert MAX_RECORD_BYTES > 100
