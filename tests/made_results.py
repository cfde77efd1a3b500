"""Results with made-up numbers, one of each kind, for tests of what shows them."""

from __future__ import annotations

from math import nan
from typing import Any, Literal

import msgspec

from molq.metrics.significance import Difference, Interval
from molq.results.accuracy import Accuracy, Agreement
from molq.results.calibration import CalibrationRecord, CalibrationSection
from molq.results.changes import ScoreChange
from molq.results.comparison import ComparedModel, Comparison, LabelledSection, Statistics
from molq.results.contributions import Explanation
from molq.results.curves import FoundCurve, Predicted
from molq.results.diagnosis import (
    BaselineEvidence,
    Cause,
    ClippedSite,
    ClippingEvidence,
    DiagnosedModel,
    Diagnosis,
    Fixed,
    OutlierEvidence,
    OutlierSite,
    Remedy,
    SetEvidence,
    SetReason,
    Step,
    TrialEvidence,
)
from molq.results.fidelity import Fidelity, ProbeSection
from molq.results.hits import Contributions
from molq.results.layers import Layer
from molq.results.machine import Machine
from molq.results.mixed import ExecutedMix, LayerOption, MixedSearch, PredictedMix
from molq.results.sensitivity import Channel, LayerSensitivity, NamedModel, Sensitivity, SiteActivations
from molq.results.speed import SpeedSection, Throughput
from molq.results.study import DatasetSection, LibrarySection, ModelSection, SplitSection, Study, Variant
from molq.results.validation import (
    JudgingModel,
    Measure,
    Missing,
    Neighbour,
    PropertyHistogram,
    RangeEnd,
    Reason,
    SetLikeness,
    Validation,
)
from molq.results.yardstick import Baseline, YardstickSection

METRICS = {"classification": ("roc_auc", "pr_auc", "ef_1pct", "bedroc_20"), "regression": ("rmse", "mae", "r2")}
SIZES = {"fp32": 1_280_000, "fp16": 650_000, "bf16": 650_100, "int8-dynamic": 337_000, "int8": 338_000}
MACHINE = Machine(
    versions={"molq": "0", "torch": "2.13"},
    platform="Linux x86_64",
    processor="A Processor",
    cores=2,
    instructions="AVX512",
    int8_products="int8 instructions",
    bf16_products="bf16 instructions",
)


def statistics(kind: str = "classification") -> Statistics:
    return Statistics(METRICS[kind][0], 0.005, 0.95, 2000, 0, "paired bootstrap over molecules")


def accuracy(i: int, kind: str = "classification") -> Accuracy:
    """Of the model at place i, the first being the reference."""
    metrics = {name: Interval(0.8 - i / 1000, 0.72, 0.87, 150, 0.95) for name in METRICS[kind]}
    differences = {name: Difference(-i / 1000, -i / 500, i / 900, 150, 0.95) for name in METRICS[kind]}
    verdict: Any = None if i == 0 else "inconclusive" if i == 3 else "non-inferior"
    return Accuracy(metrics, differences if i else {}, verdict)


def agreement() -> Agreement:
    return Agreement(0.98, 0.991, 0.9999, 0.004)


def make_study(kind: str = "classification") -> Study:
    return Study(
        format=1,
        dataset=DatasetSection("toy<set>", kind, ("a",), 1500, 2, "ab" * 32),
        model=ModelSection(
            name="toy",
            architecture="dmpnn",
            members=1,
            config={"feature_set": "V2", "d_h": 300, "depth": 3, "readout": "norm"},
            trained_here=False,
            file="toy.molq",
            content_hash="sha256:cd",
        ),
        split=SplitSection(
            method="scaffold-balanced",
            seed=0,
            fractions=(0.8, 0.1, 0.1),
            n_train=1200,
            n_valid=150,
            n_test=150,
            held_out=True,
            n_labelled=150,
            actives=(80,) if kind == "classification" else None,
        ),
        calibration=CalibrationSection(
            strategy="scaffold",
            size=200,
            seed=0,
            sha256="ef" * 32,
            molecules_used=200,
            observer="minmax",
            coverage={"scaffold": 0.484, "generic_scaffold": 0.715, "element": 1.0, "library_molecules": 1500.0},
            pool="training molecules of toy",
            pool_molecules=1200,
            library="toy",
            rejected=0,
        ),
        library=LibrarySection("zinc-sample", 5000, 5000, 0),
        statistics=statistics(kind),
        speed=SpeedSection(5000, 9, 1, "cpu", "packed graphs", "processor time of the thread"),
        machine=MACHINE,
        command="molq study --dataset toy",
        variants=tuple(variant(i, scheme, kind) for i, scheme in enumerate(SIZES)),
    )


def variant(i: int, scheme: str, kind: str) -> Variant:
    ranges = ((0.0, 0.689), (-0.5, 1.47)) if scheme == "int8" else ()
    return Variant(
        scheme=scheme,
        path=f"models/{scheme}.molq",
        size_bytes=SIZES[scheme],
        size_ratio=SIZES[scheme] / SIZES["fp32"],
        accuracy=accuracy(i, kind),
        agreement=agreement(),
        library_agreement=agreement(),
        throughput=Throughput(9000.0, 1.5, 1.4, 1.7),
        content_hash="sha256:00",
        per_task={task: {"roc_auc": 0.8 - i / 1000} for task in "ab"} if kind == "classification" else {},
        curves=tuple(FoundCurve(task, (0, 1, 3), (0, 2, 2)) for task in "ab") if kind == "classification" else (),
        predicted=() if kind == "classification" else (Predicted("a", (-1.0, 2.5), (-0.5, 2.0), 150),),
        changes=(make_change(label=1.0),) if i else (),
        library_changes=(make_change("CCO"), make_change("not a molecule")) if i else (),
        layers=(Layer("encoder.W_h", "message", (300, 300), "int8", "static" if ranges else None, 91216, ranges),),
    )


def make_change(smiles: str = "c1ccccc1O", label: float | None = None) -> ScoreChange:
    return ScoreChange(smiles, "a", 0.75, 0.5, 3, 17, 5000, label)


def make_comparison(n_models: int = 2) -> Comparison:
    models = (
        ComparedModel(f"{scheme}.molq", scheme, SIZES[scheme], accuracy(i), agreement(), {})
        for i, scheme in enumerate(SIZES)
    )
    return Comparison(
        dataset=LabelledSection(
            name="toy",
            kind="classification",
            tasks=("a",),
            molecules=150,
            sha256="ab" * 32,
            all_molecules=1500,
            rejected=2,
            side="test",
            unknown=("other.molq",),
        ),
        statistics=statistics(),
        models=tuple(models)[:n_models],
    )


def make_measure(**changes: Any) -> Measure:
    measure = Measure(
        name="element_coverage",
        label="library molecules all of whose elements are in the set",
        group="chemistry",
        kind=None,
        unit="%",
        log_floor=None,
        larger_is_worse=False,
        value=0.62,
        null_min=0.97,
        null_low=0.98,
        null_median=0.99,
        null_high=0.995,
        null_max=1.0,
        z=60.0,
        p_value=0.003,
        permutation_p=None,
    )
    return msgspec.structs.replace(measure, **changes)


def make_validation(*, with_model: bool = False) -> Validation:
    """A set that lacks elements; with a model, 15 call sites of which the last is worst, and an outcome."""
    kinds = (("beyond_range", "%"), ("quantile_ratio", ""), ("sqnr", "dB"), ("silent_channels", "%"))
    sites = [
        make_measure(name=f"{kind}@encoder.W_h:{i}", kind=kind, group="activations", unit=unit, z=float(10 * i))
        for i in range(15)
        for kind, unit in kinds
    ]
    outcome = make_measure(name="rank_disagreement", group="outcome", log_floor=1e-7, unit="", z=0.5)
    model = JudgingModel("m.molq", "sha256:00", 2, ("a",), "int8", "minmax", ("encoder.W_h:0",), 5000, 1000)
    return Validation(
        calibset="c.csv",
        library="hiv",
        sha256="ab" * 32,
        verdict="not representative",
        p_value=1 / 301,
        reasons=(
            Reason(
                "element_coverage",
                "library molecules all of whose elements are in the set: 62%; no Cl & no Br",
                "do: `molq calibset build`",
                (),
            ),
            Reason("wasserstein_logp", "Wasserstein distance of logP: 1.2; mean 1 in the set, 3 in HIV", "-", ()),
        ),
        measures=(make_measure(), *(sites if with_model else ()), *((outcome,) if with_model else ())),
        missing=Missing((("Cl", 0.2),), (), (("c1ccccc1", 0.2), ("", 0.1))),
        histograms=(PropertyHistogram("logp", "logP", (-1.0, 0.0, 1.0), (0.5, 0.5), (0.2, 0.8)),),
        set_molecules=200,
        set_rejected=0,
        library_molecules=41127,
        library_used=9990,
        library_rejected=10,
        draws=300,
        draw_size=200,
        seed=0,
        model=model if with_model else None,
        likeness=SetLikeness(
            tuple(Neighbour("C" * (i + 1), 1 - i / 20, "CCO") for i in range(14)), (Neighbour("c1ccccc1I", 0.05, "C"),)
        ),
        ends=(
            RangeEnd("encoder.W_h:0", 2.0, "CCCC", 3.0, "CCI"),
            RangeEnd("encoder.W_h:1", -1.0, "CCCC", -0.5, "CCO"),
        )
        if with_model
        else (),
    )


def make_fidelity(score_mse: float = 1e-4, *, labelled: bool = True) -> Fidelity:
    return Fidelity(
        score_mse=score_mse,
        logit_mse=score_mse,
        sqnr_db=30.0 if score_mse else None,
        agreement=agreement(),
        loss=Difference(0.001, -0.002, 0.003, 150, 0.95) if labelled else None,
        verdict="non-inferior" if labelled else None,
    )


def make_site(layer: str = "encoder.W_h", site: int = 0, **changes: Any) -> SiteActivations:
    found = SiteActivations(
        layer=layer,
        site=site,
        low=-0.1,
        high=1.5,
        range=(0.0, 1.0),
        beyond=0.01,
        overshoot=1.5,
        outliers=(Channel(7, 1.5, 12.0, "CCCCI"),),
        n_outliers=2,
        largest_ratio=12.0,
        never_excited=3,
        n_channels=300,
        edges=(-0.1, 0.5, 1.0, 1.5),
        counts=(100.0, 10.0, 1.0),
        low_by="CCN",
        high_by="CCCCI",
    )
    return msgspec.structs.replace(found, **changes)


PROBE = ProbeSection("toy", 150, True, "test", 1200)
YARDSTICK = YardstickSection("roc_auc", "classification", 0.005, 1000, 0)


def make_mix(size_bytes: int, *, labelled: bool = True, **layers: str) -> ExecutedMix:
    named = {f"encoder.{name}": scheme for name, scheme in layers.items()}
    return ExecutedMix(named, size_bytes, 1e-6, make_fidelity(2e-6, labelled=labelled))


def make_search() -> MixedSearch:
    small, large = make_mix(1000, W_h="w4a8", W_i="int8"), make_mix(2000, W_h="int8", W_i="fp16")
    options = {"encoder.W_h": (LayerOption("w4a8", 500, 1e-6),)}
    return MixedSearch(large, (small, large), (PredictedMix(1000, 1e-6),), options)


def make_sensitivity(*, labelled: bool = True) -> Sensitivity:
    layers = (("encoder.W_i", 1e-5), ("encoder.W_h", 1e-3), ("head.layers.0", 1e-8))
    return Sensitivity(
        format=1,
        model=NamedModel("toy.molq", "toy", "sha256:" + "ab" * 32),
        probe=msgspec.structs.replace(PROBE, labelled=labelled),
        calibration=CalibrationRecord("scaffold", 200, 0, "ef" * 32, 200, "minmax", {}),
        statistics=YARDSTICK,
        scheme="w4a8",
        baseline=Baseline(0.8, 0.7, 0.9) if labelled else None,
        machine=MACHINE,
        whole=make_fidelity(labelled=labelled),
        layers=tuple(
            LayerSensitivity(
                name, "message", "int4", 4000, 500, make_fidelity(error, labelled=labelled), make_fidelity(error / 10)
            )
            for name, error in layers
        ),
        sites=(make_site(), make_site(site=1, range=None, beyond=None, n_outliers=0, outliers=())),
        front=(make_mix(1000, W_h="w4a8", W_i="int8"), make_mix(2000, W_h="int8", W_i="fp16")),
        changes=(make_change(), make_change("CCO")),
    )


def make_remedy(name: str, recovered: float, layer_bytes: int = 1000, **changes: Any) -> Remedy:
    remedy = Remedy(
        name=name,
        cause="calibration set",
        scheme="int8",
        observer="minmax",
        site_observers=(),
        rounding="nearest",
        equalize=False,
        bias_correction=False,
        overrides=(),
        calibration_set="200",
        qat_epochs=None,
        layer_bytes=layer_bytes,
        recovered_noise=recovered,
        recovered_loss=None,
        fidelity=make_fidelity(),
    )
    return msgspec.structs.replace(remedy, **changes)


def make_explanation(unit: Literal["log odds", "value"] = "log odds") -> Explanation:
    parts = Contributions((0.5, -0.25, 0.0, 0.75), baseline=-1.0, output=0.0)
    return Explanation("toy", "active", unit, ("CCCO", "c1cc"), (parts, None), {1: "an open ring"})


def make_diagnosis(*, healthy: bool = False) -> Diagnosis:
    """A poor calibration set, with evidence of every form; or a healthy model."""
    remedies = (make_remedy("new set of 200", 0.95), make_remedy("scheme fp16", 0.999, 2000), make_remedy("gptq", -0.5))
    reason = SetReason("wasserstein_rings", "Wasserstein distance of rings: 1; mean 0 in the set, 3 in toy", "do: `it`")
    lacks, likeness = (("c1ccccc1", 0.2),), make_validation().likeness
    outliers = OutlierSite("encoder.W_h", 0, 12.0, 2, (Channel(7, 1.5, 12.0),))
    steps = (
        Step("baseline", "ROC-AUC 0.8", False, BaselineEvidence(True, 0.8, 0.7, 0.9)),
        Step("drop", "loss 0.001", True, make_fidelity()),
        Step(
            "calibration set",
            "not representative",
            True,
            SetEvidence(12, True, "marginal", 0.01, (reason,), lacks, likeness),
        ),
        Step("clipping", "1% beyond", True, ClippingEvidence((ClippedSite("encoder.W_h", 0, 0.01, 1.5),))),
        Step("outliers", "two", False, OutlierEvidence((outliers,))),
        Step("set size", "a new one helps", True, TrialEvidence({"new set of 200": 0.95})),
        Step("training", "not needed", False),
    )
    return Diagnosis(
        model=DiagnosedModel("models/q.molq", "int8", "sha256:" + "ab" * 32, 4000, 3000, "models/f.molq"),
        probe=PROBE,
        statistics=YARDSTICK,
        is_healthy=healthy,
        before=make_fidelity(),
        steps=steps[:2] if healthy else steps,
        causes=() if healthy else (Cause("calibration set", ("not `representative`", "a new one helps"), 0.95),),
        remedies=() if healthy else remedies,
        sites=(make_site(),),
        commands=None if healthy else ("molq diagnose q.molq --fix -o FIXED.molq",),
        fixed=None if healthy else Fixed("FIXED.molq", 3000, "sha256:11", "new set", "FIXED.csv", "molq quantize"),
        changes=(make_change(label=0.0),),
    )


def without_labels(study: Study) -> Study:
    """The same study where labels define no metric."""
    unknown = {"value": nan, "low": nan, "high": nan}
    return msgspec.structs.replace(
        study,
        variants=tuple(
            msgspec.structs.replace(
                v,
                accuracy=Accuracy(
                    {name: Interval(**unknown, n=0, level=0.95) for name in v.accuracy.metrics},
                    {name: Difference(**unknown, n=0, level=0.95) for name in v.accuracy.differences},
                    None,
                ),
                curves=(),
            )
            for v in study.variants
        ),
    )


HOSTILE = "<script>alert('\"&')</script>"
_ENUMERATED = {"verdict", "metric", "kind", "group", "role", "activations", "unit", "architecture", "statistic"}


def hostile(value: Any) -> Any:
    """``value`` with a script in every text from outside, names of layers among them."""
    if isinstance(value, msgspec.Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        return type(value)(**{name: v if name in _ENUMERATED else hostile(v) for name, v in fields.items()})
    if isinstance(value, tuple):
        return tuple(map(hostile, value))
    if isinstance(value, dict):
        return {name: hostile(v) for name, v in value.items()}
    return value + HOSTILE if isinstance(value, str) else value
