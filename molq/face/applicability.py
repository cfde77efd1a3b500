"""Whether the scores of a model can be believed, in the shape of the question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from molq.chem.mols import smiles_of_mol
from molq.errors import InputError
from molq.face.inputs import Molecules, name_of, smiles_of
from molq.face.question import Question
from molq.results.hits import Belief
from molq.store.molqfile import Loaded
from molq.workflows.applicability.domain import Domain, domain_of

_TEXTS, _NUMBERS = ("nearest", "verdict"), ("similarity", "unseen_environments", "spread")


def known_domain(model: Loaded, reference: Molecules | None, smiles_column: str | None, format: str | None) -> Domain:
    """The domain of a model, or that of ``reference``. Raises InputError where nothing is known of a single model."""
    if reference is not None:
        name = str(reference) if isinstance(reference, str) else name_of(reference).replace("LIBRARY", "the reference")
        found = domain_of(model, smiles_of(reference, smiles_column, format), name)
    else:
        found = domain_of(model)
    if found is None:
        raise InputError(
            f"what {model.path} was trained on is not known: its file remembers no training set, and its card names"
            " none that lies on this machine; give the molecules it was trained on as `reference`"
        )
    return found


def beliefs_in(question: Question, domain: Domain, column: str | None) -> Any:
    """Beliefs [n], in a tuple; of a Series a DataFrame of its library with its index, a column per field."""
    beliefs = tuple(domain.beliefs(_texts(question.values), column))
    return beliefs if question.series is None else _framed(question, beliefs)


def _texts(values: Sequence[object]) -> list[str]:
    """The SMILES of every value; "" for what is neither text nor a molecule."""
    return [value.strip() if isinstance(value, str) else smiles_of_mol(value) for value in values]


def _framed(question: Question, beliefs: Sequence[Belief]) -> Any:
    assert question.series is not None
    backend = question.series.implementation
    made = {
        name: nw.new_series(name, [getattr(belief, name) for belief in beliefs], kind, backend=backend)
        for names, kind in ((_NUMBERS, nw.Float64()), (_TEXTS, nw.String()))
        for name in names
    }
    return question.indexed(nw.from_dict({name: made[name] for name in Belief.__struct_fields__}, backend=backend))
