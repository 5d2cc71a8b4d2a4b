"""The built site, read as files: whole in both languages, and nothing in it that needs a server or a network."""

import ast
import importlib.util
import itertools
import json
import re
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from pellucid.cli import command
from pellucid.course import catalogue, commands, site
from pellucid.course.play import play, sources
from pellucid.errors import ArgumentError, FormatError
from pellucid.workshop import table

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ["one_neuron", "back_propagation"]
PAGES = ["index.html", *[f"{lang}/{name}.html" for lang in ("en", "zh") for name in ("index", *LESSONS)]]
HAN = re.compile("[\u4e00-\u9fff]")
each_page = pytest.mark.parametrize("name", PAGES)


class Page(HTMLParser):
    """What stands in a page: its elements with their attributes, and the text that is read."""

    VOID = frozenset(("meta", "link", "img", "input", "br", "hr", "col", "source"))
    UNREAD = frozenset(("script", "style", "code", "pre", "title"))

    def __init__(self, path):
        super().__init__()
        self.path, self.elements, self.open, self.texts, self.headings = path, [], [], [], []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self.open == [], f"{path}: never closed"

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        self.elements.append((tag, known))
        if tag not in self.VOID:
            self.open.append((tag, known))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append([int(tag[1]), ""])

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open, f"{self.path}: </{tag}> closes nothing"
        opened = self.open.pop()[0]
        assert opened == tag, f"{self.path}: </{tag}> where </{opened}> is due, line {self.getpos()[0]}"

    def handle_data(self, text):
        inside = [tag for tag, _ in self.open]
        lang = next((known["lang"] for _, known in reversed(self.open) if "lang" in known), "")
        if not self.UNREAD.intersection(inside):
            self.texts.append((lang, text))
        if {f"h{level}" for level in range(1, 7)} & set(inside):
            self.headings[-1][1] += text

    def all(self, tag, **wanted):
        return [
            known
            for name, known in self.elements
            if name == tag and all(wish in (known.get(key) or "").split() for key, wish in wanted.items())
        ]

    def with_class(self, name):
        return [known for _, known in self.elements if name in (known.get("class") or "").split()]


@pytest.fixture(scope="module")
def pages(course_site):
    return {name: Page(course_site / name) for name in PAGES}


# ---- nothing is missing, nothing comes from outside


def test_the_folder_holds_what_it_should(course_site):
    there = site.files_in(course_site)
    label = json.loads((course_site / site.LABEL).read_text(encoding="utf-8"))
    assert set(there) == {*label["files"], site.LABEL}
    assert set(PAGES) <= set(there)
    assert sum((course_site / name).stat().st_size for name in there) < 8e6


@each_page
def test_every_link_and_every_asset_resolves(name, pages, course_site):
    linked = 0
    for tag, known in pages[name].elements:
        for key in ("href", "src"):
            target = known.get(key)
            if tag == "path" or target is None or target == "data:,":
                continue
            assert not re.match(r"[a-z]+:|//?", target), f"{target} is not relative"
            file, _, part = target.partition("#")
            path = (course_site / name).parent / file if file else course_site / name
            assert path.resolve().is_relative_to(course_site.resolve()), target
            assert path.is_file(), target
            if part:
                other = pages[path.resolve().relative_to(course_site.resolve()).as_posix()]
                assert part in {each.get("id") for _, each in other.elements}, target
            linked += 1
    assert linked >= 3


def test_every_picture_and_asset_is_used(pages, course_site):
    used = {known.get(key) for page in pages.values() for _, known in page.elements for key in ("src", "href")}
    used = {target.split("/", 1)[-1].removeprefix("../") for target in used if target}
    for name in site.files_in(course_site):
        if name.startswith(("pictures/", "assets/")):
            assert name in used or name.removeprefix("assets/") in used, name


def test_nothing_is_loaded_from_outside(course_site):
    """No address but names of formats (xmlns) stands in any file, and nothing that could fetch one in a script."""
    for name in site.files_in(course_site):
        if not name.endswith(".png"):
            text = (course_site / name).read_text(encoding="utf-8")
            plain = text.replace("http://www.w3.org/1998/Math/MathML", "").replace("http://www.w3.org/2000/svg", "")
            assert not re.search(r"https?:|@import|\burl\((?!#)", plain), name
            assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts)\b", text), (
                name
            )
            assert str(ROOT) not in text
            assert str(Path.home()) + "/" not in text


# ---- both languages, whole


def counts(page):
    kinds = ("stepper", "question", "varied", "printed", "codehilite", "cell")
    tags = ("img", "table", "h2", "h3", "figure", "button", "input", "details")
    found = {kind: len(page.with_class(kind)) for kind in kinds} | {tag: len(page.all(tag)) for tag in tags}
    return found | {"formulas": len(page.all("math", display="block"))}


@pytest.mark.parametrize("lesson", LESSONS)
def test_both_languages_have_the_same_parts(lesson, pages):
    en, zh = (pages[f"{lang}/{lesson}.html"] for lang in ("en", "zh"))
    assert counts(en) == counts(zh)
    assert counts(en)["question"] >= 5
    assert counts(en)["formulas"] >= 9
    assert min(len(page.all("math")) for page in (en, zh)) >= 20
    assert [level for level, _ in en.headings] == [level for level, _ in zh.headings]
    assert [known["src"] for known in en.all("img")] == [known["src"] for known in zh.all("img")]


@each_page
def test_a_page_says_its_language_and_keeps_to_it(name, pages):
    page = pages[name]
    (whole,) = page.all("html")
    assert whole["lang"] == ("zh-Hans" if name.startswith("zh/") else "en")
    for lang, text in page.texts:
        assert lang.startswith("zh") or not HAN.search(text), text
    if name.startswith("zh/"):
        for _, heading in page.headings:
            assert HAN.search(heading), heading
        assert sum(len(HAN.findall(text)) for _, text in page.texts) > 150


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_everything_that_cells_show_is_there(lesson, lang, pages):
    """Counted in the source: every question, stepper, slider, picture and printed line of the lesson is in the page."""
    source = (ROOT / "course" / f"{lesson}.py").read_text(encoding="utf-8")
    found = counts(pages[f"{lang}/{lesson}.html"])
    assert found["stepper"] == len(re.findall(r"course\.Stepper\(", source))
    assert found["question"] == len(re.findall(r"course\.(\w+Question|Guess)\(", source))
    assert found["varied"] == len(re.findall(r"course\.Varied\(", source))
    assert found["printed"] == len(re.findall(r"course\.Printed\(", source))
    assert found["figure"] >= len(re.findall(r"course\.Picture\(", source))


@each_page
def test_no_formula_is_left_in_latex(name, pages):
    page = pages[name]
    for _, text in page.texts:
        assert not re.search(r"\\[a-zA-Z]{2,}|\$|\|\|", text), text
    assert not page.all("marimo-tex")
    for known in page.all("math"):
        assert known["aria-label"]


# ---- for everybody


@each_page
def test_ids_are_unique(name, pages):
    ids = [known["id"] for _, known in pages[name].elements if "id" in known]
    assert len(ids) == len(set(ids))
    assert "text" in ids


@each_page
def test_pictures_and_fields_have_names(name, pages):
    page = pages[name]
    for known in page.all("img"):
        assert len(known["alt"]) >= 8
    for known in page.all("svg"):
        assert known["role"] == "img"
        assert known["aria-label"]
    for known in page.all("input"):
        assert known.get("aria-label") or known["type"] == "radio", known  # those stand inside their label
    for known in page.all("nav"):
        assert known["aria-label"]


@each_page
def test_headings_are_in_order(name, pages):
    levels = [level for level, _ in pages[name].headings if level < 4]
    assert levels.count(1) == 1
    for before, after in itertools.pairwise(levels):
        assert after <= before + 1 or before == 1
    assert all(text.strip() for _, text in pages[name].headings)


def luminance(colour):
    """WCAG 2's relative luminance of #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, two):
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_stands_out_in_light_and_in_dark(course_site):
    style = (course_site / "assets" / "site.css").read_text(encoding="utf-8")
    palettes = [
        dict(re.findall(r"--(\w+): (#\w{6})", rule)) for rule in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    ]
    assert len(palettes) == 2
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for colours in palettes:
        for ground in ("paper", "code"):
            for text in ("ink", "soft", "link", "keyword", "string", "comment", "number", "name"):
                assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground, colours)
        assert contrast(colours["focus"], colours["paper"]) >= 3


# ---- writing


@pytest.fixture
def small():
    """A lesson that is quick to run."""
    return [catalogue.read(ROOT / "course" / "template.py")]


def test_the_same_lesson_gives_the_same_files(small, tmp_path):
    for name in ("one", "two"):
        site.build(tmp_path / name, ["zh"], small)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]  # nothing unfinished is left beside them
    names = site.files_in(tmp_path / "one")
    assert names == site.files_in(tmp_path / "two")
    assert "zh/template.html" in names
    assert not any(name.startswith("en/") for name in names)
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_our_own_folder_is_replaced(small, tmp_path):
    site.build(tmp_path / "site", ["en", "zh"], small)
    assert (tmp_path / "site" / "zh").is_dir()
    site.build(tmp_path / "site", ["en"], small)
    assert not (tmp_path / "site" / "zh").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    (tmp_path / "empty").mkdir()
    site.build(tmp_path / "empty", ["en"], small)


def test_what_is_not_ours_is_left_alone(small, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(ArgumentError, match="was not made by"):
        site.build(mine, ["en"], small)
    with pytest.raises(ArgumentError, match="is no folder"):
        site.build(mine / "letter.txt", ["en"], small)
    assert (mine / "letter.txt").read_text(encoding="utf-8") == "dear"

    ours = tmp_path / "ours"
    site.build(ours, ["en"], small)
    (ours / "en" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ArgumentError, match=r"en/notes\.txt"):
        site.build(ours, ["en"], small)
    assert (ours / "en" / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "ours"]


@pytest.mark.parametrize("label", ["no json", "[]", '{"format": 1}'])
def test_a_label_that_cannot_be_read_is_refused(label, small, tmp_path):
    (tmp_path / site.LABEL).write_text(label, encoding="utf-8")
    with pytest.raises(FormatError, match="cannot be read"):
        site.build(tmp_path, ["en"], small)


def test_a_newer_format_is_refused(small, tmp_path):
    label = {"format": site.FORMAT + 1, "files": []}
    (tmp_path / site.LABEL).write_text(json.dumps(label), encoding="utf-8")
    with pytest.raises(FormatError, match="newer"):
        site.build(tmp_path, ["en"], small)


def test_a_lesson_that_fails_leaves_the_old_site(small, tmp_path, monkeypatch):
    site.build(tmp_path / "site", ["en"], small)
    before = site.files_in(tmp_path / "site")

    def fail(path):
        raise ZeroDivisionError

    monkeypatch.setattr(site, "play", fail)
    with pytest.raises(ZeroDivisionError):
        site.build(tmp_path / "site", ["en"], small)
    assert site.files_in(tmp_path / "site") == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


# ---- the lessons, before they are run


def test_every_lesson_is_listed():
    there = {path.stem for path in (ROOT / "course").glob("*.py") if "marimo.App" in path.read_text(encoding="utf-8")}
    assert [lesson.name for lesson in catalogue.lessons()] == LESSONS
    assert there == {*LESSONS, "template"}


@pytest.mark.parametrize("lesson", catalogue.lessons(), ids=lambda lesson: lesson.name)
def test_a_lesson_says_what_it_is(lesson):
    assert HAN.search(lesson.title.zh)
    assert not HAN.search(lesson.title.en)
    assert 10 <= lesson.minutes <= 240
    assert len(lesson.why.en) > 80
    assert HAN.search(lesson.why.zh)
    assert "**Why" not in lesson.why.en
    assert lesson.needs.en
    assert lesson.needs.zh
    assert lesson.pieces
    assert set(lesson.pieces) <= set(table.NAMES)
    said = next(text for text in catalogue.texts(ast.parse(lesson.path.read_text(encoding="utf-8"))))
    assert f"{lesson.minutes} 分钟" in said.zh


@pytest.mark.parametrize("name", [*LESSONS, "template"])
def test_the_code_of_a_cell_is_what_marimo_runs(name):
    path = ROOT / "course" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    cells = list(module.app._cell_manager.cell_data())
    found = sources(path.read_text(encoding="utf-8"))
    assert len(found) == len(cells)
    shown = [(code, cell.code) for code, cell in zip(found, cells, strict=True) if not cell.config.hide_code]
    assert shown
    for ours, theirs in shown:
        assert ours.strip() == theirs.strip()


def test_playing_keeps_quiet(capsys):
    cells = play(ROOT / "course" / "template.py")
    assert capsys.readouterr().out == ""
    assert any(cell.code and cell.output for cell in cells)


def test_the_wheel_holds_the_lessons_where_they_are_looked_for():
    with open(ROOT / "pyproject.toml", "rb") as file:
        wheel = tomllib.load(file)["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"course": "pellucid/course/lessons"}
    assert not (ROOT / "pellucid" / "course" / "lessons").exists()


def test_lessons_are_found_inside_an_installed_package(tmp_path, monkeypatch):
    package = tmp_path / "pellucid"
    (package / "course" / "lessons").mkdir(parents=True)
    monkeypatch.setattr(catalogue, "__file__", str(package / "course" / "catalogue.py"))
    with pytest.raises(FileNotFoundError, match="lessons are in neither"):
        catalogue.folder()
    for name in LESSONS:
        (package / "course" / "lessons" / f"{name}.py").write_text("", encoding="utf-8")
    assert catalogue.folder() == package / "course" / "lessons"


# ---- the command


def run(*arguments, code=0):
    done = CliRunner().invoke(command, ["course", *map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.output


def test_the_list_in_both_languages(monkeypatch):
    monkeypatch.setenv("PELLUCID_LANG", "zh")
    assert "约 90 分钟" in run()
    assert "反向传播" in run()
    english = run("--lang", "en")
    assert "about 90 minutes" in english
    assert not HAN.search(english)
    assert "gates, perceptron, sigmoid" in english


class FakeServer:
    """Stands in for the process of marimo."""

    def __init__(self, command, env):
        FakeServer.command, FakeServer.env = command, env

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def wait(self):
        return 0


@pytest.mark.parametrize("words", [["open", "one_neuron"], ["one_neuron"]])
def test_a_lesson_is_served_to_this_computer_only(words, monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", FakeServer)
    run(*words, "--lang", "zh", "--port", "2900")
    start = [sys.executable, "-m", "marimo", "run", str(ROOT / "course" / "one_neuron.py")]
    assert FakeServer.command == [*start, "--host", "127.0.0.1", "--port", "2900"]
    assert FakeServer.env["PELLUCID_LANG"] == "zh"


def test_editing_makes_a_copy_once(monkeypatch, tmp_path):
    monkeypatch.setattr(subprocess, "Popen", FakeServer)
    monkeypatch.chdir(tmp_path)
    run("open", "one_neuron", "--edit", "--no-browser")
    assert FakeServer.command[3:5] == ["edit", "one_neuron.py"]
    assert "--headless" in FakeServer.command
    copy = tmp_path / "one_neuron.py"
    assert copy.read_bytes() == (ROOT / "course" / "one_neuron.py").read_bytes()
    copy.write_text("import marimo\napp = marimo.App()\n", encoding="utf-8")
    run("one_neuron", "--edit")
    assert copy.read_text(encoding="utf-8") == "import marimo\napp = marimo.App()\n"
    copy.write_text("my own program", encoding="utf-8")
    with pytest.raises(ArgumentError, match="is no lesson"):
        run("one_neuron", "--edit")
    assert copy.read_text(encoding="utf-8") == "my own program"


def test_an_unknown_lesson_and_a_missing_marimo(monkeypatch, tmp_path):
    with pytest.raises(ArgumentError, match="one_neuron, back_propagation"):
        run("open", "two_neurons")
    monkeypatch.setattr(commands.importlib.util, "find_spec", lambda name: None)
    for words in (["one_neuron"], ["build", "--out", tmp_path / "site"]):
        with pytest.raises(NotImplementedError, match="marimo") as caught:
            run(*words)
        assert "pip install" in caught.value.remedy
    assert not (tmp_path / "site").exists()


def test_the_list_needs_no_package_of_the_extra():
    program = (
        "import sys\n"
        "for name in ('marimo', 'latex2mathml', 'pygments', 'playwright'): sys.modules[name] = None\n"
        "from pellucid.cli import main\n"
        "main(['course', '--lang', 'en'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "back_propagation" in done.stdout


def test_an_unknown_language_is_refused():
    assert "'tlh'" in run("build", "--lang", "en,tlh", code=2)
    assert "tlh" in run("--lang", "tlh", code=2)


def test_the_command_builds(monkeypatch, tmp_path, small):
    monkeypatch.setattr(catalogue, "lessons", lambda: small)
    output = run("build", "--out", tmp_path / "site", "--lang", "en")
    assert str(tmp_path / "site" / "index.html") in output
    assert (tmp_path / "site" / "en" / "template.html").is_file()
