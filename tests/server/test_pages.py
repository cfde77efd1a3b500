from __future__ import annotations

import gzip

from molq.server.pages import docs_page, static_files


def test_files_are_packed_where_that_pays():
    for name, file in static_files().items():
        assert file.content, name
        if file.packed is not None:
            assert gzip.decompress(file.packed) == file.content
    assert static_files()["docs.css"].media_type == "text/css"


def test_what_the_document_says_is_escaped():
    document = {
        "info": {"version": "<1>", "description": "<b>"},
        "paths": {"/<x>": {"get": {"summary": "<s>", "responses": {"200": {}}}}},
        "components": {"schemas": {"<T>": {"description": "</pre><script>"}}},
    }
    text = docs_page(document)
    assert "<b>" not in text
    assert "<script" not in text
    assert "&lt;x&gt;" in text
