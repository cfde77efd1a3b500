"""The data sets that molq knows by name.

>>> from molq import datasets
>>> datasets.names()[:3]
['bace', 'bbbp', 'clintox']
>>> datasets.info("bace").tasks
('Class',)
>>> datasets.path("bace").name
'bace.csv.gz'
"""

from __future__ import annotations

from pathlib import Path

from molq.data.locate import locate
from molq.data.registry import DatasetInfo, dataset_info, dataset_names
from molq.progress import SILENT, Progress

__all__ = ["DatasetInfo", "info", "names", "path"]


def names() -> list[str]:
    """Names of the registered data sets, sorted; every call that takes data takes one of them."""
    return dataset_names()


def info(name: str) -> DatasetInfo:
    """What is known of a data set: tasks, rows, source, licence, citation, checksum.

    Raises InputError, with the nearest names, when there is none called ``name``.
    """
    return dataset_info(name)


def path(name: str, *, download: bool = True, progress: Progress = SILENT) -> Path:
    """The file of a data set, plain or .gz, its content checked; fetched first when this machine has none.

    ``progress`` is told bytes done and bytes in all. Raises InputError when there is no data set called ``name``, and
    DatasetError when its file is damaged or cannot be had.
    """
    return locate(name, download=download, progress=progress)
