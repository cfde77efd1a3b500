"""Products have numbers, and every number has one product."""

from __future__ import annotations

import itertools

import pytest

from molq.spaces.space import Reaction, Space, Synthon


def synthons(prefix: str, n: int) -> tuple[Synthon, ...]:
    return tuple(Synthon(f"{prefix}{i}", f"{prefix}-{i}") for i in range(n))


POSITIONS = synthons("a", 3), synthons("b", 1), synthons("c", 4)
SPACE = Space("x", (Reaction("first", POSITIONS[:2]), Reaction("second", POSITIONS)), {}, ())


def test_products_are_numbered_like_nested_loops() -> None:
    assert SPACE.n_products == 3 + 12
    assert SPACE.n_synthons == 4 + 8
    found = [SPACE.combination(number) for number in range(15)]
    assert [one.reaction for one in found] == ["first"] * 3 + ["second"] * 12
    assert [one.synthons for one in found[3:]] == list(itertools.product(*POSITIONS))
    with pytest.raises(IndexError):
        SPACE.combination(15)


def test_a_product_is_named_as_rdkit_names_it() -> None:
    assert SPACE.combination(3).id == "a-0;b-0;c-0;second"
