from __future__ import annotations

from molq.server.asked import PredictBody
from molq.server.documented import body, responses, with_types


def test_types_are_described_where_they_are_referred_to():
    made = body({"application/json": tuple[str, ...] | PredictBody, "text/csv": bytes})["requestBody"]
    either = made["content"]["application/json"]["schema"]["anyOf"]
    assert {"$ref": "#/components/schemas/PredictBody"} in either
    assert made["content"]["text/csv"]["schema"]["format"] == "binary"
    document = {
        "paths": {
            "/x": {"get": {"responses": {"422": {}, **{str(k): v for k, v in responses({"a/b": dict}).items()}}}}
        },
        "components": {"schemas": {"HTTPValidationError": {}, "ValidationError": {}}},
    }
    found = with_types(document, [PredictBody])
    assert set(found["components"]["schemas"]) == {"PredictBody", "Error"}
    assert set(found["paths"]["/x"]["get"]["responses"]) == {"200", "4XX"}
    assert found["components"]["schemas"]["PredictBody"]["properties"]["smiles"]["type"] == "array"
