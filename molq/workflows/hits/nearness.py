"""How near the molecules of a list lie to those of a reference, without any model."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from molq.chem.fingerprints import nearest_similarities, packed_morgan_fingerprints
from molq.chem.molecule import molecule
from molq.errors import InputError
from molq.results.hits import Belief, Hits


def with_nearness(hits: Hits, reference: Sequence[str], name: str) -> Hits:
    """The list with the nearest molecule of the reference beside each. Raises InputError when none can be read."""
    known = [smiles for smiles in reference if (mol := molecule(smiles)) is not None and mol.GetNumAtoms()]
    if not known:
        raise InputError(f"`reference` {name}: none of its {len(reference):,} rows is a molecule that can be read")
    fingerprints = packed_morgan_fingerprints([hit.smiles for hit in hits.hits])
    similarities, places = nearest_similarities(fingerprints, packed_morgan_fingerprints(known))
    beliefs = [Belief(s, known[at]) for s, at in zip(similarities.tolist(), places.tolist(), strict=True)]
    return replace(
        hits,
        hits=tuple(replace(hit, belief=belief) for hit, belief in zip(hits.hits, beliefs, strict=True)),
        reference=f"{name}: {len(known):,} molecule{'s' * (len(known) != 1)}",
    )
