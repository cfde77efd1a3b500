from __future__ import annotations

import re

from molq.server.metrics import Counted, Metrics

LINE = re.compile(r'# (HELP|TYPE) \w+ .+|\w+(\{\w+="([^"\\\n]|\\.)*"(,\w+="([^"\\\n]|\\.)*")*\})? [\d.e+-]+')


def test_the_text_is_prometheus():
    metrics = Metrics()
    metrics.answered("/v1/predict", "POST", 200, 0.003)
    metrics.answered("/v1/predict", "POST", 200, 4.0)
    metrics.answered("other", "BREW", 405, 0.0)
    metrics.scored('a"b\\\n', 3, 1)
    text = metrics.text([("molq_more", "More.", "gauge", [Counted(2.5, {"x": "y"})])])
    assert all(LINE.fullmatch(line) for line in text.splitlines())
    assert 'molq_requests_total{route="/v1/predict",method="POST",status="200"} 2' in text
    assert 'molq_requests_total{route="other",method="other",status="405"} 1' in text
    assert 'molq_request_seconds_bucket{route="/v1/predict",le="0.005"} 1' in text
    assert 'molq_request_seconds_bucket{route="/v1/predict",le="+Inf"} 2' in text
    assert 'molq_molecules_total{model="a\\"b\\\\\\n",outcome="rejected"} 1' in text
    assert 'molq_more{x="y"} 2.5' in text
