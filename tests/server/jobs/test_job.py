from __future__ import annotations

import msgspec
from server_jobs import JOB


def test_the_end_is_told_where_it_can_be_known():
    assert JOB.seconds_left == 5.0
    for unknown in ({"rows_total": None}, {"rows_per_s": None}, {"rows_per_s": 0.0}, {"state": "done"}):
        assert msgspec.structs.replace(JOB, **unknown).seconds_left is None
    assert not JOB.is_final
    assert msgspec.structs.replace(JOB, state="cancelled").is_final
