import importlib.util
import subprocess
import sys

import pytest

from molq.chem.cuik import cuik_extension
from molq.errors import UnsupportedError


def test_its_python_package_is_not_imported():
    code = "import sys, molq.chem.featurize as f; f.featurize(['CC']); print({'pandas', 'torch'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


@pytest.mark.parametrize("first", ["cuik_molmaker", "molq.chem.featurize"])
def test_it_lives_beside_its_python_package(first):
    code = (
        f"import {first}\nfrom molq.chem.featurize import featurize\nn = len(featurize(['CC', 'O']).index)\n"
        "import cuik_molmaker as c\nfrom molq.chem.cuik import cuik_extension as e\n"
        "print(n, c.batch_mol_featurizer is e().batch_mol_featurizer)"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2 True"


def test_without_it_the_remedy_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    cuik_extension.cache_clear()
    with pytest.raises(UnsupportedError, match="pip install cuik_molmaker_pin"):
        cuik_extension()
