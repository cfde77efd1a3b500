import logging
import signal
import threading

import pytest
from rdkit import Chem, rdBase

from molq.chem.rejection import captured_messages, rejection_reason, sanitize_complaint, size_reason


@pytest.mark.filterwarnings("ignore")
def test_what_is_refused_unparsed_is_too_large_once_parsed(dataset_smiles, odd_smiles):
    refused = 0
    for text in [*odd_smiles, *dataset_smiles("sider", 300), *dataset_smiles("clintox", 200)]:
        mol = Chem.MolFromSmiles(text)
        if mol is None:
            continue
        n_atoms = mol.GetNumAtoms()
        assert size_reason(text, n_atoms) is None
        refused += size_reason(text, n_atoms - 1) is not None if n_atoms > 1 else 0
    assert refused > 500 * 0.9


def test_sizes_are_counted_without_hydrogens_and_without_what_follows_the_smiles():
    assert size_reason("CCO", 2) == "3 heavy atoms, more than the limit of 2"
    assert size_reason("[H]C([H])[H+]", 1) is None
    assert size_reason("[2H]C[H]", 1) == "2 heavy atoms, more than the limit of 1"
    assert size_reason("ClCBr ethyl chloride named at length", 3) is None
    assert size_reason(" " * 50, 3) is None
    assert size_reason("C" * 201, 2) == "201 characters, too many for a molecule of at most 2 atoms"
    assert size_reason("C" * 200, 2) == "200 heavy atoms, more than the limit of 2"


def test_a_molecule_that_sanitizes_has_no_complaint():
    assert sanitize_complaint(Chem.MolFromSmiles("c1ccccc1", sanitize=False)) is None
    complaint = sanitize_complaint(Chem.MolFromSmiles("c1cccc1", sanitize=False))
    assert complaint == "can't kekulize mol. Unkekulized atoms: 0 1 2 3 4"


@pytest.mark.parametrize(
    ("smiles", "reason"),
    [
        ("\t\n", "empty SMILES"),
        ("C(C", "unparsable SMILES: extra open parentheses at position 2"),
        ("CC\0O", "unparsable SMILES: syntax error at position 3"),
        ("CCO\u2212N name", "unparsable SMILES: character '\u2212' at position 4"),
        ("C(C caf\u00e9", "unparsable SMILES: extra open parentheses at position 2"),
        ("|w:1.0|", "unparsable SMILES: syntax error at position 1"),
        ("C[CH5]", "explicit valence for atom # 1 C, 6, is greater than permitted"),
    ],
)
def test_reasons_are_one_line(smiles, reason):
    assert rejection_reason(smiles) == reason


def test_messages_are_captured_and_rdkits_log_is_put_back(capfd):
    rdBase.DisableLog("rdApp.warning")
    states, logger = rdBase.LogStatus(), logging.getLogger("rdkit")
    handlers, propagate = list(logger.handlers), logger.propagate
    try:
        with pytest.raises(TypeError), captured_messages() as messages:
            [Chem.MolFromSmiles(smiles, sanitize=False) for smiles in ("C(", None)]
        assert any("syntax error" in message for message in messages)
        assert not any(message.startswith("[") for message in messages)
        assert capfd.readouterr().err == ""
        assert rdBase.LogStatus() == states
        assert (logger.handlers, logger.propagate) == (handlers, propagate)
        Chem.MolFromSmiles("C(", sanitize=False)
        assert "syntax error" in capfd.readouterr().err
    finally:
        rdBase.EnableLog("rdApp.warning")


def test_an_interruption_comes_after_the_messages_and_is_not_lost():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), captured_messages() as messages:
        (signal.raise_signal(signal.SIGINT), Chem.MolFromSmiles("C(", sanitize=False))
    assert any("syntax error" in message for message in messages)
    assert signal.getsignal(signal.SIGINT) is before


def test_threads_do_not_hear_each_other():
    bad = {f"C{'C' * n}(": f"syntax error at position {n + 2}" for n in range(8)}
    heard = {}

    def ask(smiles):
        heard[smiles] = {rejection_reason(smiles) for _ in range(30)}

    threads = [threading.Thread(target=ask, args=(smiles,)) for smiles in bad]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {smiles: {f"unparsable SMILES: {reason}"} for smiles, reason in bad.items()}
