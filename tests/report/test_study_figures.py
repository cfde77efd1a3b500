from __future__ import annotations

from xml.etree import ElementTree

from molq.report.study_figures import _groups, accuracy_versus_size, differences_to_fp32, speed


def texts(svg: str) -> list[str]:
    return [
        "".join(node.itertext()).strip() for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("}text")
    ]


def test_every_scheme_is_labelled_in_every_figure(results):
    schemes = [v["scheme"] for v in results["variants"]]
    assert set(schemes) <= set(texts(accuracy_versus_size(results)))
    assert set(schemes) <= set(texts(speed(results)))
    assert set(schemes[1:]) <= set(texts(differences_to_fp32(results)))


def test_sizes_stand_on_the_axis_with_their_share(results):
    found = texts(accuracy_versus_size(results))
    assert {"337 kB", "0.26×", "1,280 kB", "1.00×"} <= set(found)


def test_files_of_about_the_same_size_share_a_place(results):
    names = [[v["scheme"] for v in group] for group in _groups(results["variants"])]
    assert names == [["int8-dynamic", "int8"], ["fp16", "bf16"], ["fp32"]]


def test_the_margin_lies_on_the_side_that_is_worse(results, regression_results):
    assert "margin −0.005" in texts(differences_to_fp32(results))
    assert "margin +0.005" in texts(differences_to_fp32(regression_results))


def test_an_undefined_interval_is_left_out(results):
    for v in results["variants"]:
        v["roc_auc_low"] = v["roc_auc_high"] = None
    assert "int8" in texts(accuracy_versus_size(results))
