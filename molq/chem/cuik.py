"""The compiled cuik_molmaker extension, loaded without its Python package (which imports pandas and SciPy: 2 s)."""

from __future__ import annotations

import importlib.util
from functools import cache
from importlib.machinery import ExtensionFileLoader
from pathlib import Path
from types import ModuleType

from molq.errors import UnsupportedError

_EXTENSION = "cuik_molmaker_cpp"


@cache
def cuik_extension() -> ModuleType:
    """The module holding ``batch_mol_featurizer`` and the feature name look-ups. Raises UnsupportedError without it."""
    package = importlib.util.find_spec("cuik_molmaker")
    folders = package.submodule_search_locations if package else None
    files = [f for folder in folders or () for f in Path(folder).glob(f"{_EXTENSION}*") if f.suffix in (".so", ".pyd")]
    if not files:
        raise UnsupportedError("cuik_molmaker is not installed; pip install cuik_molmaker_pin")
    import rdkit.rdBase  # noqa: F401  (its shared libraries come first)

    loader = ExtensionFileLoader(_EXTENSION, str(files[0]))
    spec = importlib.util.spec_from_loader(_EXTENSION, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module
