"""Words that a medicinal chemist may not know, in a line each; pages and texts explain them where they stand."""

from __future__ import annotations

TERMS = {
    "scheme": "how the numbers of a model are stored and multiplied: fp32 is the model as trained, with 32 bits each; "
    "int8 uses 8 for weights and inputs, w4a8 4 for weights and 8 for inputs",
    "call site": "one place in the model where a layer is used; a layer of message passing is used once per step",
    "observer": "the rule that turns the values seen on the calibration set into the range that the codes cover; "
    "minmax takes the smallest and the largest",
    "calibration set": "molecules that are run through the model once, to see how large its inner numbers get",
    "SQNR": "signal to quantization noise, in decibels: at 20 dB the error is a tenth of the values’ spread, at 40 dB "
    "a hundredth",
    "logits": "the scores of a classifier before they are turned into probabilities; those of a regressor as they are",
    "score MSE": "mean squared change of a score against the float model",
    "non-inferior": "the whole interval of the difference lies on the good side of the margin",
    "inferior": "the whole interval lies beyond the margin",
    "inconclusive": "the interval reaches across the margin; more molecules would tell",
    "ROC-AUC": "chance that an active molecule scores higher than an inactive one: 1 is perfect, 0.5 is guessing",
    "RMSE": "typical error in the units of the measurement, large errors counting most (root mean squared error)",
    "EF1%": "how many times more actives stand among the best 1% than chance would put there; EF5% likewise",
    "BEDROC": "1 when all actives stand at the very top of the list, near 0 when none does; it weighs the first few "
    "per cent most (α = 20)",
    "PR-AUC": "average share of actives among the molecules picked so far, down the list",
    "hits": "molecules in the float model’s best 1% (5%) that are also in the quantized model’s",
    "ρ to fp32": "Spearman’s correlation of the two rankings; 1 is the same order",
    "ρ to labels": "Spearman’s correlation of scores and labels; 1 is the same order",
    "ρ to errors": "Spearman’s correlation of stated spread and absolute error; 1 is the same order",
    "AUSE": "what taking out the most uncertain molecules leaves of the error, from 0, as good as knowing it, to 1, as "
    "good as chance (area under the sparsification error curve)",
    "NLL": "negative log-likelihood of the labels under the stated means and deviations; lower is better",
    "largest": "the largest channel into a call site over the median channel",
    "outlier channel": "one of the numbers that flow into a layer, more than 8 times as large as the usual one; it "
    "takes the codes for itself and leaves few to the others",
    "scaffold": "the ring systems of a molecule and what joins them (Bemis–Murcko); generic when elements and bond "
    "orders do not count",
    "Tanimoto": "share of the substructures of two molecules that both have",
    "Wasserstein distance": "how far the values of a property in the set must be shifted, on average, to become "
    "distributed as in the library, in units of the property",
    "maximum mean discrepancy": "distance between the substructures of the set and of the library; about 0 for random "
    "draws",
    "permutation p": "share of random relabellings of set and library molecules that lie at least as far apart; it "
    "asks only whether this one property differs",
    "SD worse": "distance from the mean of random draws in their standard deviations, on the bad side",
    "beyond the range": "share of the library’s values, other than 0, that the codes cut off",
    "99.9% quantile ratio": "the library’s largest values (99.9% quantile) over the set’s",
    "silent channels": "channels that the library excites and the set never does",
    "recovered": "share of the error of the logits that a remedy takes away; where the metric had lost more than "
    "chance and margin explain, of that loss too, and the smaller of the two counts",
}
"""word → what it means; a line of a page or of a text"""

VERDICTS = ("non-inferior", "inferior", "inconclusive")
METRIC_WORDS = {
    "roc_auc": "ROC-AUC",
    "rmse": "RMSE",
    "pr_auc": "PR-AUC",
    "ef_1pct": "EF1%",
    "bedroc_20": "BEDROC",
    "label_spearman": "ρ to labels",
    "error_spearman": "ρ to errors",
    "sparsification": "AUSE",
    "nll": "NLL",
}
"""metric → its word in TERMS"""
BADGES = {
    "non-inferior": "good",
    "inferior": "bad",
    "inconclusive": "open",
    "representative": "good",
    "marginal": "open",
    "not representative": "bad",
    "healthy": "good",
    "suspect": "bad",
    "chosen": "good",
    "inside": "good",
    "edge": "open",
    "outside": "bad",
}
"""verdict → colour of its badge"""
