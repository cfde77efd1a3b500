"""Drawings of results: as text for a terminal, as HTML fragments for a notebook; importing it registers them."""

from __future__ import annotations

from molq.quant.layers import layer_table
from molq.report.figures.molecule import MoleculeCard, card, scale
from molq.report.numbers import score_text, short
from molq.report.pages.changes import change_cards
from molq.report.pages.likeness import neighbour_cards, scaffold_cards
from molq.report.pages.page import fragment
from molq.report.text.card import card_facts, card_layers
from molq.report.text.comparison import compared_table, comparison_notes, comparison_text, comparison_words, other_table
from molq.report.text.contributions import SHOWN, explanation_text, unit_words
from molq.report.text.diagnosis import diagnosis_text, order_of_remedies, remedies_table, verdict
from molq.report.text.export import export_text
from molq.report.text.hits import answer as answer_of_hits
from molq.report.text.hits import belief_answer, hits_text
from molq.report.text.mixed import mixed_table
from molq.report.text.plan import plan_text
from molq.report.text.sensitivity import (
    WORDS,
    activation_table,
    alone_table,
    outlier_lines,
    sensitivity_text,
    spared_table,
)
from molq.report.text.space import landscape_text, sample_text, screen_text, space_text
from molq.report.text.study import accuracy_table, chosen_variant, ranking_table, study_notes, study_text, study_words
from molq.report.text.training import answers, splits_table, tasks_table, training_text
from molq.report.text.validation import answer, evidence, in_words, measures_table, validation_text
from molq.results.comparison import Comparison
from molq.results.contributions import Explanation
from molq.results.diagnosis import Diagnosis
from molq.results.export import Exported
from molq.results.hits import Contributions, Hit, Hits
from molq.results.mixed import MixedSearch
from molq.results.screening import ScreenPlan
from molq.results.sensitivity import Sensitivity
from molq.results.shown import as_html, as_text
from molq.results.space import SpaceLandscape, SpaceSample, SpaceScreen, SpaceSummary
from molq.results.study import Study
from molq.results.training import Training
from molq.results.validation import Validation
from molq.store.molqfile import Loaded, ModelHeader
from molq.store.schema import Description, Member
from molq.urls import name_in

_N_REMEDIES = 8
_N_HITS = 24
_N_REASONS = 3
_N_MOLECULES = 10

as_text.register(Study, study_text)
as_text.register(Comparison, comparison_text)
as_text.register(Validation, validation_text)
as_text.register(Sensitivity, sensitivity_text)
as_text.register(Diagnosis, diagnosis_text)
as_text.register(Hits, hits_text)
as_text.register(Exported, export_text)
as_text.register(Explanation, explanation_text)
as_text.register(Training, training_text)
as_text.register(SpaceSummary, space_text)
as_text.register(SpaceSample, sample_text)
as_text.register(SpaceScreen, screen_text)
as_text.register(SpaceLandscape, landscape_text)
as_text.register(ScreenPlan, plan_text)


@as_text.register
def _mixed_text(found: MixedSearch) -> str:
    return mixed_table(found.executed, found.chosen).to_text()


def model_html(model: Loaded) -> str:
    """A model and its card, for the ``_repr_html_`` of what holds one."""
    network = model.network
    members = tuple(Member(member.config, {}) for member in network.members)
    described = Description(members, network.scheme, tuple(layer_table(network)), model.card)
    header = ModelHeader(described, model.size_bytes, model.content_hash, model.path)
    return fragment("model", card=model.card, facts=card_facts(header), layers=card_layers(header))


@as_html.register
def _study(study: Study) -> str:
    from molq.report.figures.study import accuracy_versus_size, differences_to_fp32
    from molq.report.pages.curves import curve_panels

    chosen = chosen_variant(study)
    is_judged = any(v.accuracy.verdict for v in study.variants)
    return fragment(
        "study",
        study=study,
        chosen=chosen,
        accuracy=accuracy_table(study),
        ranking=ranking_table(study),
        figures=[
            ("Accuracy and file size", "", accuracy_versus_size(study)),
            ("Difference to fp32", "shaded: beyond the margin", differences_to_fp32(study)),
        ]
        if is_judged
        else [],
        words=[word for words in study_words(study) for word in words],
        curves=curve_panels(study, chosen)[:2],
        moved=change_cards(chosen.library_changes, chosen.scheme, study.dataset.kind),
        notes=study_notes(study),
    )


@as_html.register
def _comparison(comparison: Comparison) -> str:
    return fragment(
        "comparison",
        accuracy=compared_table(comparison),
        secondary=other_table(comparison),
        words=comparison_words(comparison),
        notes=list(comparison_notes(comparison)),
    )


@as_html.register
def _validation(validation: Validation) -> str:
    return fragment(
        "validation",
        v=validation,
        answer=answer(validation),
        evidence=list(evidence(validation)),
        reasons=[(*in_words(reason), reason.remedy) for reason in validation.reasons[:_N_REASONS]],
        measures=measures_table(validation),
        chosen=neighbour_cards(validation.likeness.chosen[:_N_MOLECULES]) if validation.likeness else [],
        lacks=scaffold_cards(validation.missing.scaffolds),
    )


@as_html.register
def _sensitivity(found: Sensitivity) -> str:
    return fragment(
        "sensitivity",
        found=found,
        first=found.ranked()[0],
        alone=alone_table(found),
        spared=spared_table(found),
        activations=activation_table(found),
        outliers=list(outlier_lines(found.sites)),
        moved=change_cards(found.changes, found.scheme, found.statistics.kind),
        words=WORDS,
    )


@as_html.register
def _explanation(found: Explanation) -> str:
    limit = scale(parts.atoms for parts in found.contributions if parts)
    shown = zip(found.smiles[:SHOWN], found.contributions, strict=False)
    return fragment(
        "contributions",
        found=found,
        words=unit_words(found),
        limit=limit,
        cards=[_explained(found, place, smiles, parts, limit) for place, (smiles, parts) in enumerate(shown)],
        more=max(len(found.smiles) - SHOWN, 0),
    )


def _explained(
    found: Explanation, place: int, smiles: str, parts: Contributions | None, limit: float | None
) -> MoleculeCard:
    if parts is None:
        return card(smiles, note=f"no score: {found.reasons.get(place, '')}")
    facts = (("baseline", short(parts.baseline)), ("atoms", short(sum(parts.atoms))), ("output", short(parts.output)))
    return card(smiles, facts=facts, values=parts.atoms, limit=limit)


@as_html.register
def _hits(found: Hits) -> str:
    shown = found.hits[:_N_HITS]
    limit = scale(hit.contributions.atoms for hit in shown if hit.contributions)
    return fragment(
        "hits",
        hits=found,
        answer=answer_of_hits(found),
        belief=belief_answer(found),
        limit=limit,
        cards=[_hit_card(hit, limit) for hit in shown],
        more=len(found.hits) - len(shown),
    )


def _hit_card(hit: Hit, limit: float | None) -> MoleculeCard:
    verdict = (hit.belief.verdict if hit.belief else None) or ""
    facts = (("training set", verdict), ("alerts", ", ".join(hit.alerts)))
    values = hit.contributions.atoms if hit.contributions and limit else None
    name = f"{hit.rank:,}  {hit.identifier or ''}".strip()
    return card(hit.smiles, name, score_text(hit.score), facts, values=values, limit=limit if values else None)


@as_html.register
def _training(training: Training) -> str:
    return fragment(
        "training",
        answers=list(answers(training)),
        tasks=tasks_table(training) if training.tests else None,
        splits=None if training.repeats is None else splits_table(training.repeats),
    )


@as_html.register
def _mixed(found: MixedSearch) -> str:
    return fragment("mixed", table=mixed_table(found.executed, found.chosen))


@as_html.register
def _diagnosis(found: Diagnosis) -> str:
    return fragment(
        "diagnosis",
        found=found,
        name=name_in(found.model.path),
        verdict=verdict(found),
        remedies=remedies_table(found, _N_REMEDIES) if found.remedies else None,
        order=order_of_remedies(found),
        moved=change_cards(found.changes, found.model.scheme, found.statistics.kind),
        words=("recovered", "SQNR", "hits") if found.remedies else ("SQNR", "hits"),
    )
