"""What Pellucid says to the wrong programs of tests/wrong_programs: who, what came, what is needed, the remedy."""

import pytest

from tests.wrong_programs import PAGE, everything, message
from tests.wrong_programs.page import page

ALL = [wrong for chapter in everything().values() for wrong in chapter]


@pytest.mark.parametrize("wrong", ALL, ids=[wrong.mistake for wrong in ALL])
def test_the_message_says_what_helps(wrong):
    name, text = message(wrong)
    assert name == wrong.error, text
    assert [word for word in (*wrong.says, wrong.remedy) if word not in text] == [], text
    assert "program.py:" in text, "the user's line"
    assert f"help: pellucid explain {name}" in text


def test_there_are_enough_and_no_two_are_alike():
    assert len(ALL) >= 60
    assert len({wrong.mistake for wrong in ALL}) == len({wrong.program for wrong in ALL}) == len(ALL)


def test_the_page_of_messages_is_as_they_are():
    """Made by `python -m tests.wrong_programs`."""
    assert PAGE.read_text(encoding="utf-8") == page()
