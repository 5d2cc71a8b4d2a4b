"""The help page of every error: what happened, why, the smallest program that raises it, remedy; in both languages."""

import inspect
import os
import re
import tempfile
from pathlib import Path

import pytest

from pellucid import errors, explain
from pellucid.cli import main
from pellucid.explain.error_pages import PAGES
from pellucid.explain.page import namespace
from pellucid.explain.raised import message_of
from tests.test_readme import rivals, terms

CLASSES = {
    name: thing
    for name, thing in vars(errors).items()
    if inspect.isclass(thing) and issubclass(thing, errors.PellucidError)
}
each_error = pytest.mark.parametrize("name", CLASSES)


def test_there_is_a_page_for_every_error_and_for_nothing_else():
    assert list(PAGES) == list(CLASSES)


@each_error
def test_the_english_page_says_what_happened_why_and_what_to_do(name):
    text = inspect.getdoc(CLASSES[name])
    what, why, remedy, *rest = text.split("\n\n")
    assert rest == []
    assert "\n" not in what
    assert why.startswith("Why: ")
    assert remedy.startswith("Remedy: ")


@each_error
def test_the_chinese_page_says_the_same_in_the_terms_of_the_course(name):
    text = explain.page(name, "zh")
    for part in ("原因：", "解决办法：", "会引发它的最小程序", f"{name}"):
        assert part in text
    page = PAGES[name]
    for part in (page.what, page.why, page.remedy):
        assert re.search("[\u4e00-\u9fff]{4}", part)
        assert part.endswith(("。", "。）"))
        assert not re.search("[\u4e00-\u9fff][,.;:?!]|[，。；：] ", part), "punctuation"
    whole = page.what + page.why + page.remedy
    found = {rival: term["zh"] for term in terms() for rival in rivals(term) if rival in whole}
    assert found == {}, "written there: the term to use instead"
    named = set(re.findall(r"`([^`]+)`", inspect.getdoc(CLASSES[name]).split("\n\n", 1)[1]))
    missing = {code for code in named if code not in whole and " ".join(code.split()) not in whole}
    assert missing == set(), "what the English page names in code, the Chinese one names too"


@each_error
def test_the_example_raises_this_error_and_leaves_nothing_behind(name):
    before = dict(os.environ), Path.cwd(), tempfile.tempdir
    came, message = message_of(PAGES[name].example, namespace())
    assert came in (name, "ShapeError") if name == "PellucidError" else came == name, message
    assert "program.py:" in message
    assert (dict(os.environ), Path.cwd(), tempfile.tempdir) == before
    assert len(PAGES[name].example.splitlines()) <= 9
    for lang in ("en", "zh"):
        assert message.splitlines()[0] in explain.page(name, lang)


def test_the_command_line_speaks_both_languages(capsys, monkeypatch):
    def said(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["explain", *arguments])
        assert not ended.value.code
        return capsys.readouterr().out

    assert "操作数的形状" in said("ShapeError", "--lang", "zh")
    assert "Why: most often images" in said("ShapeError", "--lang", "en")
    monkeypatch.setenv("PELLUCID_LANG", "zh")
    assert "操作数的形状" in said("shape_error")
    assert "这一页只有英文" in said("softmax")
