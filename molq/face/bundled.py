"""The pretrained models that come with molq, by name."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

from molq.errors import InputError
from molq.files import require_file
from molq.urls import is_url

SUFFIX = ".molq"


def bundled_models() -> list[str]:
    """Names of the models that come with molq, sorted."""
    return sorted(path.stem for path in models_dir().glob(f"*{SUFFIX}"))


def model_path(name_or_path: str | Path) -> Path:
    """The file of a bundled model by its name, or of a path or URL; a file or a model's folder comes first.

    Raises InputError, with the names there are, for what is neither; ModelFileError for a folder whose files do not
    belong together.
    """
    path = Path(name_or_path)
    if is_url(path) or path.is_file():
        return path
    if path.is_dir():
        from molq.store.huggingface import is_layout, weights_of  # the store loads torch, and few models are folders

        if is_layout(path):
            return weights_of(path)
    names = bundled_models()
    if str(name_or_path) in names:
        return models_dir() / f"{name_or_path}{SUFFIX}"
    if path.is_dir():
        raise InputError(f"{path} is a directory; name a {SUFFIX} file or a bundled model: {', '.join(names)}")
    require_file(path, InputError)
    near = difflib.get_close_matches(str(name_or_path), names, n=1, cutoff=0.6)
    remedy = f"did you mean {near[0]}?" if near else f"the bundled ones are {', '.join(names)}"
    raise InputError(f"{name_or_path}: no such file, and no bundled model of that name; {remedy}")


def is_bundled(name: str | Path) -> bool:
    """Whether the bundled model of that name is meant; a file that is called so comes first."""
    return not Path(name).exists() and str(name) in bundled_models()


@cache
def models_dir() -> Path:
    """The folder of the bundled models: models/ of a checkout, or molq/_models of an installation."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_models", package.parent / "models"):
        if any(folder.glob(f"*{SUFFIX}")):
            return folder
    raise InputError(f"the bundled models are missing from {package}: install molq again")
