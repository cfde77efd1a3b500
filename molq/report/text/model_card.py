"""The card of a model as Markdown: README.md of a repository on the Hugging Face Hub."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from molq.report.text.card import card_facts, card_layers
from molq.store.huggingface import WEIGHTS
from molq.store.molqfile import ModelHeader

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~])")


def model_card(header: ModelHeader) -> str:
    """Front matter that the Hub reads, what the model predicts, how it was made and measured, and how to use it."""
    card = header.description.card
    facts = "\n".join(f"| {_escaped(label)} | {_escaped(fact)} |" for label, fact in _labelled(card_facts(header)))
    layers = card_layers(header)
    parts = [
        _front_matter(header),
        f"# {_escaped(card.name)}",
        *([_escaped(card.description)] if card.description else []),
        f"| | |\n|---|---|\n{facts}",
        "## Use",
        "```python\n"
        "import molq\n\n"
        'model = molq.load("FOLDER")  # this repository, downloaded\n'
        'model.predict(["CC(=O)Oc1ccccc1C(=O)O"])\n'
        "```",
        f"Screens of files: `molq screen FOLDER/{WEIGHTS} library.csv -o scores.csv`.",
        "## Layers",
        "\n".join(
            [
                f"| {' | '.join(layers.header)} |",
                f"|{'---|' * len(layers.header)}",
                *(f"| {' | '.join(map(_escaped, row))} |" for row in layers.rows),
            ]
        ),
        f"Content hash: `{header.content_hash}`",
    ]
    return "\n\n".join(parts) + "\n"


def _front_matter(header: ModelHeader) -> str:
    config = header.description.configs[0]
    fields = {
        "library_name": "molq",
        "tags": [
            "chemistry",
            "molecular-property-prediction",
            "graph-neural-network",
            config.architecture,
            config.kind,
        ],
    }
    lines = [f"{name}: {json.dumps(value)}" for name, value in fields.items()]  # JSON is YAML, whatever the text holds
    return "\n".join(["---", *lines, "---"])


def _labelled(facts: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Facts in a row that share a label carry it once."""
    before = None
    for label, fact in facts:
        yield "" if label == before else label, fact
        before = label


def _escaped(text: str) -> str:
    """``text`` on one line, its characters as they are read, none of them markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
