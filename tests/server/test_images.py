from __future__ import annotations

import asyncio

from molq.chem.pictures.png import png
from molq.server.images import images_of
from molq.server.workbook import IMAGE_PIXELS, SHARPNESS


def test_each_molecule_has_its_image_in_order(service):
    smiles = ["CCO", "C("] + ["c1ccccc1"] * 600
    found = asyncio.run(images_of(smiles, service, background=True))
    size = (IMAGE_PIXELS[0] * SHARPNESS, IMAGE_PIXELS[1] * SHARPNESS)
    assert len(found) == len(smiles)
    assert found[:3] == [png("CCO", size=size), None, png("c1ccccc1", size=size)]
    assert set(found[2:]) == {found[2]}
