"""A known mistake is recognized by its outcomes, however it was written."""

from typing import NamedTuple

from pellucid.workshop.compare import same


class Diagnosis(NamedTuple):
    """The Wrong that was recognized. `sure` if all outcomes are the same, else only that of the first failing case."""

    name: str
    says: tuple  # a Text
    sure: bool


def diagnose(piece, expected, outcomes, known):
    """The wrong answer that came to the same outcomes as the learner's, or None.

    `known` holds the outcomes of wrong answers by name. If none comes to the same in all cases, the one that does so in
    the first case that failed, and in the most others; that is a guess.
    """
    right = [same(wanted, came, piece.tolerance) for wanted, came in zip(expected, outcomes, strict=False)]
    if all(right):
        return None
    first = right.index(False)
    best, most = None, 0
    for wrong in piece.wrong:
        theirs = known.get(wrong.name, [])
        agree = [same(mine, came, piece.tolerance) for mine, came in zip(theirs, outcomes, strict=False)]
        if len(theirs) == len(outcomes) and all(agree):
            return Diagnosis(wrong.name, wrong.says, True)
        if len(agree) > first and agree[first] and sum(agree) > most:
            best, most = wrong, sum(agree)
    return None if best is None else Diagnosis(best.name, best.says, False)
