"""Every piece through the whole checker: stubs, right answers and wrong answers, each in a process of its own."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pellucid.workshop import table
from pellucid.workshop.check import Verdict, check, failure
from pellucid.workshop.compare import same
from pellucid.workshop.diagnose import diagnose
from pellucid.workshop.referee import Referee, text_of
from pellucid.workshop.stub import stub
from pellucid.workshop.words import body, head

LANGUAGES = ("en", "zh")
RIGHT = [(name, f"right-{index}") for name in table.NAMES for index in range(2)]
WRONG = [(name, wrong.name) for name in table.NAMES for wrong in table.piece(name).wrong]
STUBS = [(name, f"stub-{language}") for name in table.NAMES for language in LANGUAGES]


def text_for(name, answer):
    """The text of an answer."""
    piece, (kind, _, which) = table.piece(name), answer.partition("-")
    if kind == "right":
        return piece.right[int(which)]
    if kind == "stub":
        return stub(piece, which)
    return text_of(piece, next(wrong for wrong in piece.wrong if wrong.name == answer))


@pytest.fixture(scope="module")
def known():
    """What our own answers to each piece come to."""
    referees = {name: Referee(table.piece(name)) for name in table.NAMES}
    for name, one in referees.items():
        one.outcomes(endless=not all(wrong.ends for wrong in table.piece(name).wrong))
    return referees


@pytest.fixture(scope="module")
def verdicts(known):
    """Verdicts by the whole checker, two at a time; of the wrong answers on the first of each piece only."""
    first = [(name, table.piece(name).wrong[0].name) for name in table.NAMES]
    with ThreadPoolExecutor(2) as pool:
        jobs = {
            (name, answer): pool.submit(check, table.piece(name), text_for(name, answer), referee=known[name])
            for name, answer in [*RIGHT, *first, *STUBS]
        }
        return {key: job.result() for key, job in jobs.items()}


def test_there_are_enough_wrong_answers():
    assert len(WRONG) >= 60


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_right_answers_pass(name, answer, verdicts):
    assert verdicts[name, answer].passed, verdicts[name, answer]


@pytest.mark.parametrize(("name", "answer"), STUBS)
def test_stubs_are_not_written_yet(name, answer, verdicts):
    assert verdicts[name, answer].kind == "unwritten"


def said(verdict, language):
    return "\n".join([head(verdict, language), *body(verdict, table.piece(verdict.piece), language)])


@pytest.mark.parametrize(("name", "answer"), WRONG)
def test_wrong_answers_fail_with_their_own_diagnosis_and_an_example(name, answer, known):
    """From what came of them, as the checker has it from a learner's process."""
    piece, all_known = table.piece(name), known[name].found
    expected, outcomes = all_known[""], all_known[answer]
    right = [same(wanted, came, piece.tolerance) for wanted, came in zip(expected, outcomes, strict=False)]
    assert not all(right)
    diagnosis = diagnose(piece, expected, outcomes, all_known)
    assert (diagnosis.name, diagnosis.sure) == (answer, True)
    at = right.index(False)
    kind, facts = failure(piece, piece.cases[at], outcomes[at], expected[at], text_for(name, answer))
    for language in LANGUAGES:
        text = said(Verdict(name, kind, facts, diagnosis), language)
        assert getattr(diagnosis.says, language) in text
        assert facts["call"] in text


@pytest.mark.parametrize("name", table.NAMES)
def test_a_wrong_answer_through_the_whole_checker(name, verdicts, known):
    wrong = table.piece(name).wrong[0]
    verdict = verdicts[name, wrong.name]
    assert verdict.kind in ("wrong", "exception"), verdict
    assert (verdict.diagnosis.name, verdict.diagnosis.sure) == (wrong.name, True)
    assert wrong.says.en in said(verdict, "en")


SHORTCUTS = {
    "softmax": "from pellucid.functional import log_softmax\ndef softmax(x, dim): return log_softmax(x, dim).exp()",
    "sigmoid": """
import pellucid as pc
def forward(x):
    return pc.tensor(x).sigmoid().numpy()
def gradient(g, y):
    return g * y * (1 - y)
""",
    "matmul_gradient": """
import pellucid as pc
def matmul_gradient(g, a, b):
    a, b = (pc.tensor(each.numpy(), requires_grad=True) for each in (a, b))
    (a @ b).backward(g)
    return a.grad, b.grad
""",
    "cross_entropy": """
import pellucid as pc
import pellucid.functional as F
def cross_entropy(scores, labels):
    return F.cross_entropy(pc.tensor(scores), pc.tensor(labels)).numpy()
def cross_entropy_gradient(scores, labels):
    x = pc.tensor(scores, requires_grad=True)
    F.cross_entropy(x, pc.tensor(labels)).backward()
    return x.grad.numpy()
""",
    "walk": "from pellucid.walk import walk_back",
    "sgd": "from pellucid.optim.sgd import sgd_step",
    "adam": "import pellucid as pc\ndef adam_step(*given):\n    return pc.optim.adam.adam_step(*given)",
}  # fmt: skip


@pytest.mark.parametrize("name", SHORTCUTS)
def test_the_framework_itself_is_no_answer(name):
    verdict = check(table.piece(name), SHORTCUTS[name])
    assert verdict.kind == "reference", verdict


@pytest.mark.parametrize("name", table.NAMES)
def test_from_text_to_verdict_within_two_seconds(name):
    """With nothing known beforehand. Three times as long is allowed here, for a machine that is busy."""
    piece = table.piece(name)
    began = time.monotonic()
    check(piece, text_of(piece, piece.wrong[0]))
    assert time.monotonic() - began < 6
