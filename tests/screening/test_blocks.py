from __future__ import annotations

import pytest

from molq.screening.blocks import small_blocks


@pytest.mark.parametrize(("n_rows", "size"), [(0, 1), (1, 1), (7, 3), (64, 32), (65, 32)])
def test_every_row_is_in_one_block(n_rows, size):
    blocks = small_blocks(n_rows, size)
    assert [row for block in blocks for row in range(*block)] == list(range(n_rows))
    assert all(0 < stop - start <= size for start, stop in blocks)
