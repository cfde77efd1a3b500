"""The answer of a study in words: is the small model as good, and would the same compounds be bought?"""

from __future__ import annotations

from molq.report.numbers import percent, signed_interval
from molq.results.study import Study, Variant

_HEADINGS = {
    "non-inferior": "{scheme} is as good as fp32, in {share} of its bytes",
    "inferior": "{scheme} needs {share} of the bytes of fp32, and is worse",
    "inconclusive": "{scheme} needs {share} of the bytes of fp32; too few test molecules to say at what cost",
    None: "{scheme} needs {share} of the bytes of fp32",
}
_ANSWERS = {
    "non-inferior": "no worse than fp32’s by more than the margin of {}, stated beforehand",
    "inferior": "worse than fp32’s by more than the margin of {}, stated beforehand",
    "inconclusive": "changed by an amount that these test molecules cannot tell from the margin of {}",
    None: "not judged, for lack of labels",
}


def study_heading(study: Study, chosen: Variant) -> str:
    """What was found of the chosen scheme, as a headline."""
    if chosen is study.variants[0]:
        return f"How good {chosen.scheme} is on {study.dataset.name}"
    text = _HEADINGS[chosen.accuracy.verdict]
    return text.format(scheme=chosen.scheme, share=percent(chosen.size_ratio, 0))


def hits_kept(study: Study, chosen: Variant) -> str:
    """How many of the compounds that fp32 would have bought are bought still; "" for fp32 itself."""
    kept, n_best = chosen.library_agreement.hit_overlap_1pct, best_count(study)
    if chosen is study.variants[0] or kept is None:
        return ""
    n_kept = round(kept * n_best, 1)
    n_tasks = len(study.dataset.tasks)
    said = ("all" if n_kept == n_best else f"{n_kept:,.3g}") + (f" (mean of {n_tasks} tasks)" if n_tasks > 1 else "")
    return (
        f"Of the {n_best:,} molecules of {study.library.name} that fp32 ranks highest (its best 1%), {said} are "
        f"also among the {n_best:,} that {chosen.scheme} ranks highest."
    )


def judged(study: Study, chosen: Variant) -> tuple[str, str]:
    """The verdict on the metric as the end of a sentence, and the difference that it rests on."""
    margin, metric = f"{study.statistics.margin:.3g}", study.statistics.metric
    answer = _ANSWERS[chosen.accuracy.verdict].format(margin)
    return answer, signed_interval(chosen.accuracy.differences.get(metric))


def best_count(study: Study) -> int:
    """Molecules in the best 1% of the library."""
    return -(-study.library.molecules_used // 100)
