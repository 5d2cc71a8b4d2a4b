"""PyTorch's own operator samples through Pellucid, by name: none wrong, at least 90 % accepted (tests/torch_ops.py)."""

from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("expecttest")  # PyTorch's table of samples asks for it

import torch_ops

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore"),
]
PAGE = Path(__file__).resolve().parent.parent / "docs" / "torch-operators.md"


@pytest.mark.parametrize("name", sorted(torch_ops.operators()))
def test_no_sample_is_wrong(name):
    wrong = [f"{outcome.why} <- {outcome.sample}" for outcome in torch_ops.outcomes(name) if outcome.kind == "wrong"]
    assert not wrong, "\n".join(wrong)


def test_enough_operators_are_there_and_nearly_all_their_samples_are_accepted():
    counts = [torch_ops.counts(name) for name in torch_ops.operators()]
    asked = sum(sum(count.values()) - count["skipped"] for count in counts)
    equal = sum(count["equal"] for count in counts)
    assert len(counts) >= 150
    assert equal >= 0.9 * asked


@pytest.mark.slow
def test_the_page_says_what_is_refused():
    assert PAGE.read_text(encoding="utf-8") == "\n".join(torch_ops.table()) + "\n"
