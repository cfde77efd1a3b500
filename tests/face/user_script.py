"""What a user might write: every call of the public API, for ``mypy --strict`` to read. It is not run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

import molq
from molq import datasets
from molq.sklearn import GNNClassifier, GNNRegressor


class Bar:
    def stage(self, name: str) -> None:
        print(name)

    def step(self, done: int, total: int | None) -> None:
        print(done, total)


def predict(model: molq.Model, table: pl.DataFrame) -> tuple[NDArray[np.float32], list[str]]:
    scores: NDArray[np.float32] = model.predict(["CCO", None])
    scores = model.predict(np.array(["CCO"]), max_atoms=100, progress=Bar())
    column: pl.Series = model.predict(table["smiles"])
    answer = model.predict(table["smiles"], reasons=True)
    told: list[str] = [reason for reason in answer.reasons if reason]
    stream: Iterator[molq.Prediction] = model.predict(iter(["CCO"]), reasons=True)
    told.extend(prediction.reason or "" for prediction in stream)
    with Path("library.smi").open() as lines:
        for score in model.predict(lines):
            print(float(score), column.name)
    return scores, told


def quantize(model: molq.Model, calib: molq.CalibrationSet) -> molq.Model:
    small = model.quantize()
    small = model.quantize("int8", calib, observer={"encoder.W_h:*": "mse"}, override={"head.*": "fp32"})
    small = model.quantize("w4a8", ["CCO"], rounding="gptq", equalize=True, data="bace", qat_epochs=3, seed=1)
    small = model.quantize("mixed", Path("calib.csv"), data="bace", max_size=200_000)
    making = small.making
    if making is not None and making.search is not None:
        size: int = making.search.chosen.size_bytes
        print(size, making.reference.name)
    path: Path = small.save("small.molq", force=True)
    facts: tuple[str, str, str, int, tuple[str, ...]] = (
        small.name,
        small.kind,
        small.scheme,
        small.size_bytes,
        small.tasks,
    )
    print(path, facts, model.info, small.card.description, small.content_hash, bytes(small)[:8])
    return small


def calibrate(model: molq.Model) -> molq.CalibrationSet:
    calib = molq.calibration_set("bace", match="zinc-sample", size=200, seed=1, strategy="scaffold", workers=2)
    calib = molq.calibration_set(["CCO"], strategy="activation", model=model)
    verdict: str = calib.validate("zinc-sample", model=model, draws=200).verdict
    print(verdict, calib.smiles[0], calib.coverage["scaffold"], calib.rows.sum(), calib.sha256, len(calib))
    calib.save("calib.csv")
    return molq.CalibrationSet.read("calib.csv") if calib.strategy else molq.CalibrationSet(["CCO"])


def compare(model: molq.Model, small: molq.Model, table: pl.DataFrame) -> molq.Comparison:
    found: molq.Comparison = molq.evaluate(model, table, tasks=["Class"], all_rows=True)
    found = molq.compare([model, small, "bace-dmpnn", Path("m.molq")], "bace", split="valid", margin=0.01)
    value: float = found.models[0].accuracy.metrics["roc_auc"].value
    print(value)
    return found


def understand(model: molq.Model, small: molq.Model) -> molq.Model:
    by_layer = molq.sensitivity(model, "bace", "calib.csv", scheme="int8", front=True)
    diagnosis: molq.ModelDiagnosis = molq.diagnose(small, "bace", reference=model, calibset="calib.csv")
    studied = molq.study("bace", "study", schemes=["int8"], resamples=200, force=True)
    for result in (by_layer, diagnosis, studied):
        molq.write_report(result, "page.html", force=True)
    return diagnosis.fix() if diagnosis.best is not None else small


def main() -> None:
    model: molq.Model = molq.load("bace-dmpnn")
    model = molq.import_checkpoint(["a.pt", "b.pt"], tasks=["t"], name="imported")
    table = pl.DataFrame({"smiles": ["CCO"], "y": [1]})
    model = molq.train(table, tasks=["y"], epochs=1, fractions=(0.8, 0.1, 0.1), qat="w4a8")
    calib = calibrate(model)
    small = quantize(model, calib)
    predict(model, table)
    compare(model, small, table)
    understand(model, small)
    summary: molq.ScreenSummary = molq.screen([model, small], ["a.csv", "bace"], "scores.parquet", top=100)
    print(summary.mols_per_s, summary.rejected, datasets.names(), datasets.info("bace").rows, datasets.path("bace"))
    classifier: GNNClassifier = GNNClassifier(epochs=1, random_state=0).fit(table["smiles"], [0])
    regressor: GNNRegressor = GNNRegressor(epochs=1).fit(["CCO"], [1.0])
    print(classifier.predict_proba(["CCO"])[:, 1], classifier.predict(["CCO"]), regressor.predict(["CCO"]))
    try:
        molq.load("nothing")
    except molq.MolqError as error:
        print(error)


if __name__ == "__main__":
    main()
