from __future__ import annotations

import pytest

from molq.errors import InputError
from molq.records.shard import Shard
from molq.screening.shards.scheduler import shard_of

SLURM = {
    "SLURM_ARRAY_TASK_ID": "3",
    "SLURM_ARRAY_TASK_MIN": "1",
    "SLURM_ARRAY_TASK_MAX": "200",
    "SLURM_ARRAY_TASK_COUNT": "200",
}
SGE = {"SGE_TASK_ID": "3", "SGE_TASK_FIRST": "1", "SGE_TASK_LAST": "200", "SGE_TASK_STEPSIZE": "1"}


@pytest.mark.parametrize(
    ("text", "environment", "shard"),
    [
        ("3/200", {}, Shard(3, 200)),
        ("3/200", {**SLURM, "SLURM_ARRAY_TASK_ID": "9"}, Shard(3, 200)),
        ("auto", SLURM, Shard(3, 200)),
        (" Auto ", SLURM, Shard(3, 200)),
        (
            "auto",
            {**SLURM, "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "199", "SLURM_ARRAY_TASK_ID": "0"},
            Shard(1, 200),
        ),
        ("auto/500", SLURM, Shard(3, 500)),
        ("auto", SGE, Shard(3, 200)),
        ("auto", {"LSB_JOBINDEX": "3", "LSB_JOBINDEX_END": "200"}, Shard(3, 200)),
        ("auto/200", {"PBS_ARRAY_INDEX": "3"}, Shard(3, 200)),
        ("auto/200", {"PBS_ARRAYID": "3"}, Shard(3, 200)),
    ],
)
def test_a_task_of_an_array_is_a_shard(text, environment, shard):
    assert shard_of(text, environment) == shard


@pytest.mark.parametrize(
    ("text", "environment", "said"),
    [
        ("auto", {}, "no task of an array"),
        ("auto", {"SGE_TASK_ID": "undefined"}, "no task of an array"),
        ("auto", {"LSB_JOBINDEX": "0"}, "no task of an array"),
        ("auto", {"PBS_ARRAY_INDEX": "3"}, "PBS does not say how many"),
        ("auto", {**SLURM, "SLURM_ARRAY_TASK_MIN": "7", "SLURM_ARRAY_TASK_COUNT": "2"}, "are not all shards"),
        ("auto", {**SLURM, "SLURM_ARRAY_TASK_COUNT": "100"}, "are not all shards"),
        ("auto", {**SLURM, "SLURM_ARRAY_TASK_ID": "201"}, "are not all shards"),
        ("auto/0", SLURM, "numbered from 1 to their count"),
        ("auto/2", SLURM, "numbered from 1 to their count"),
        ("auto/x", SLURM, "a number and a count"),
        ("automatic", SLURM, "a number and a count"),
    ],
)
def test_what_is_none_is_said(text, environment, said):
    with pytest.raises(InputError, match=said):
        shard_of(text, environment)
