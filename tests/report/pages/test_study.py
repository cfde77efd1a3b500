from __future__ import annotations

import msgspec
from made_results import make_study, without_labels

from molq.report.pages.study import study_page


def test_it_says_what_was_found_and_how():
    text = study_page(make_study())
    for found in (
        "26%",
        "−0.0040 [−0.0080, +0.0044]",
        "margin of 0.005",
        "non-inferior",
        "1,200 train, 150 valid, 150 test",
        "training molecules of toy (1,200); no test molecule is among them",
        "48.4%",
        "0 to 0.689",
        "molq</span> <span>study</span> <span>--dataset</span> <span>toy",
        "int8 instructions",
    ):
        assert found in text, found
    assert text.split("Molecules that")[0].count("<svg") == 3 + 2 * 2


def test_the_table_shows_molecules_per_second_beside_the_ratio_that_they_make():
    head = study_page(make_study()).partition("<h2>All schemes</h2>")[2].partition("</thead>")[0]
    assert head.index("mol/s") < head.index("speed-up")


def test_it_warns_when_the_training_molecules_are_not_known():
    study = make_study()
    assert 'class="warning"' not in study_page(study)
    unknown = msgspec.structs.replace(study, split=msgspec.structs.replace(study.split, held_out=False))
    assert 'class="warning"' in study_page(unknown)


def test_it_speaks_of_the_smallest_where_there_is_no_int8():
    study = make_study()
    assert "fp16 is as good as fp32, in 51% of its bytes</h1>" in study_page(
        msgspec.structs.replace(study, variants=study.variants[:3])
    )


def test_regression_is_reported_by_its_error():
    text = study_page(make_study("regression"))
    assert "RMSE" in text
    assert "ROC-AUC" not in text


def test_without_labels_of_both_classes_there_is_no_verdict_and_no_figure_of_it():
    text = study_page(without_labels(make_study()))
    assert text.split("Molecules that")[0].count("<svg") == 1
    assert "not judged" in text
    assert "nan" not in text.partition("</style>")[2].replace("resonance", "")


def test_a_model_trained_here_says_its_best_epochs():
    study = make_study()
    model = msgspec.structs.replace(study.model, trained_here=True, best_epochs=(7,), epochs=50, file=None)
    assert "best epoch 7 of 50" in study_page(msgspec.structs.replace(study, model=model))


def test_molecules_that_moved_are_drawn_for_every_scheme():
    found = study_page(make_study()).partition("Molecules that int8 moves most")[2].partition("<h2>")[0]
    assert found.count('<figure class="card molecule">') == 4 * 3
    assert "Moved most by fp16" in found
    assert "No picture" in found
    assert "measured</span> active" in found
