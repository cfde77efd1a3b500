from __future__ import annotations

import re

import msgspec
from made_training import make_repeats, make_training

from molq.report.figures.training import losses, metric, splits
from molq.results.training import Epoch


def lines(svg: str) -> list[list[tuple[float, float]]]:
    found = re.findall(r'points="([^"]+)"', svg)
    return [[(float(x), float(y)) for x, y in (p.split(",") for p in points.split())] for points in found]


def test_every_member_has_its_lines_and_its_epoch_is_marked():
    svg = losses(make_training())
    drawn = lines(svg)
    assert len(drawn) == 2 + 2 * 2
    assert "kept: epoch 2, 1" in svg
    assert all(line[0][1] < line[1][1] for line in drawn[2:]), "a falling loss runs down the page"


def test_the_metric_is_of_validation_molecules_where_there_are_any():
    training = make_training()
    assert "ROC-AUC over the epochs" in metric(training)
    blind = tuple(msgspec.structs.replace(e, valid_loss=None, valid_metric=None) for e in training.curve)
    blind_training = msgspec.structs.replace(training, curve=blind)
    assert metric(blind_training) is None
    assert "validation molecules" not in losses(blind_training)


def test_one_epoch_is_a_dot():
    training = make_training(curve=(Epoch(0, 1, 0.7, 0.7, 0.5, 1e-3),), best_epochs=(1,))
    assert losses(training).count("<circle") >= 2


def test_splits_stand_one_below_the_other_the_own_first():
    svg = splits(make_repeats(0.8, 0.7, 0.75), "roc_auc")
    dots = [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="5"', svg)]
    assert [y for _, y in dots] == sorted(y for _, y in dots)
    assert dots[0][0] > dots[2][0] > dots[1][0]
    assert "seed 7: 0.800; seed 8: 0.700; seed 9: 0.750; mean 0.750" in svg


def test_where_the_own_split_defines_no_metric_no_other_is_drawn_as_it():
    repeats = make_repeats(0.8, 0.7, 0.75)
    first, *others = repeats.splits
    bare = msgspec.structs.replace(repeats, splits=(msgspec.structs.replace(first, metrics={}), *others))
    assert splits(repeats, "roc_auc").count("var(--accent)") == 2
    assert "var(--accent)" not in splits(bare, "roc_auc")
