"""The reference: every public name has a docstring and an example that ran; no link is dead; it opens from disk."""

import inspect
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

import pellucid as pc
from pellucid import reference
from pellucid.cli import main
from pellucid.errors import ArgumentError
from pellucid.reference.build import LABEL, source_map
from pellucid.reference.names import entries, gaps, methods
from pellucid.reference.text import Links, prose
from tests.test_course_browser import OPTIONS, Watched, chromium  # noqa: F401  a fixture
from tests.test_house import MAY_IMPORT

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "course/**/*.md", "pellucid/**/*.md", "examples/**/*.md")
    for path in ROOT.glob(pattern)
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The reference, built once: (folder, examples that gave something else)."""
    pytest.importorskip("pygments")
    index, wrong = reference.build(tmp_path_factory.mktemp("pages") / "reference")
    return index.parent, wrong


class Page(HTMLParser):
    """The links, names of places, pictures and words of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.places, self.sources, self.alts = [], set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.places |= {found["id"]} if "id" in found else set()
        if tag in ("a", "link") and "href" in found:
            self.links.append(found["href"])
        if "src" in found:
            self.sources.append(found["src"])
        if tag == "img":
            self.alts.append(found.get("alt", ""))


# ---- what is public


def test_every_public_name_has_a_docstring_and_an_example():
    """Those that fail this are new: add a docstring with an example, or a line to pellucid/reference/examples.py."""
    assert gaps() == []


def test_every_list_of_names_is_in_the_reference():
    written = {entry.written for entry in entries()}
    for short in ("F", "nn", "optim", "data", "train", "view", "models", "metrics"):
        module = getattr(pc, {"F": "functional"}.get(short, short))
        for name in getattr(module, "__all__", ()):
            assert f"{short}.{name}" in written or inspect.ismodule(getattr(module, name))
    assert [n for n in pc.__all__ if f"pc.{n}" not in written and not inspect.ismodule(getattr(pc, n))] == []
    tensor = next(entry for entry in entries() if entry.written == "pc.Tensor")
    public = {name for name in dir(pc.Tensor) if not name.startswith("_")}
    slots = {
        "array",
        "exposed",
        "step",
        "changed",
        "overwritten",
        "owner",
        "is_state",
        "grad",
    }  # plain attributes of every value
    assert public - slots <= {method.name for method in methods(tensor)}


def test_every_example_gives_what_its_docstring_says(built):
    _, wrong = built
    assert [(name, example.source, example.came) for name, example in wrong] == []


# ---- pages


def test_no_link_of_the_reference_leads_nowhere(built):
    folder, _ = built
    pages = {path.name: Page(path.read_text(encoding="utf-8")) for path in folder.glob("*.html")}
    assert len(pages) > len(list(entries()))
    dead = []
    for name, page in pages.items():
        for link in [*page.links, *page.sources]:
            if link.startswith("data:"):
                continue
            assert not re.match(r"[a-z]+:", link), f"{name} needs a network: {link}"
            file, _, place = unquote(link).partition("#")
            target = file or name
            if not (folder / target).is_file() or (place and place not in pages[target].places):
                dead.append(f"{name}: {link}")
    assert dead == []


def test_no_two_pages_share_a_name_on_any_disk(built):
    folder, _ = built
    names = [path.name.lower() for path in folder.glob("*.html")]
    assert len(names) == len(set(names))


def test_every_name_the_search_knows_has_its_place(built):
    folder, _ = built
    text = (folder / "assets" / "names.js").read_text(encoding="utf-8")
    names = json.loads(text[text.index("[") : text.rindex("]") + 1])
    assert {"nn.Linear", "F.softmax", "pc.zeros", "Tensor.reshape", "train.fit"} <= {name for name, _, _ in names}
    for name, file, summary in names:
        page, _, place = file.partition("#")
        content = (folder / page).read_text(encoding="utf-8")
        assert not place or f'id="{place}"' in content, name
        assert summary, name


def test_pages_show_what_ran(built):
    folder, _ = built
    text = re.sub(r"<[^>]+>", "", (folder / "F.softmax.html").read_text(encoding="utf-8"))
    assert "tensor([0.5, 0.5])" in text
    assert "Source of F.softmax" in text
    error = re.sub(r"<[^>]+>", "", (folder / "errors.LabelError.html").read_text(encoding="utf-8"))
    assert "count from 0 to 2" in error


def test_the_map_of_the_source_is_the_one_that_is_enforced():
    parts = {name: set(imported) for name, _, imported, _ in source_map()}
    assert set(MAY_IMPORT) <= set(parts)
    for name, allowed in MAY_IMPORT.items():
        assert parts[name] <= allowed
    order = list(parts)
    assert order.index("errors") < order.index("engine") < order.index("tensors") < order.index("nn")
    assert all(text for _, text, _, _ in source_map())


def test_text_is_escaped_and_names_become_links():
    (linear,) = [entry for entry in entries() if entry.written == "nn.Linear"]
    links = Links([linear], lambda entry: f"{entry.written}.html")
    shown = prose("`<b>` & nn.Linear\n\n    a < b\n\nArgs:\n    x: is <i>.\n        And `Linear(2, 3)`.", links, "nn")
    assert "<code>&lt;b&gt;</code> &amp; " in shown
    assert '<a href="nn.Linear.html">nn.Linear</a>' in shown
    assert '<pre class="formula">a &lt; b</pre>' in shown
    assert "<dt><code>x</code></dt>" in shown
    assert '<a href="nn.Linear.html"><code>Linear(2, 3)</code></a>' in shown
    assert "<i>" not in shown


def test_a_folder_that_is_not_ours_is_not_touched(tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(ArgumentError, match="was not made by `pellucid reference`"):
        reference.build(tmp_path / "mine")
    with pytest.raises(SystemExit) as ended:
        main(["reference", "--out", str(tmp_path / "mine")])
    assert ended.value.code == 1
    assert (tmp_path / "mine" / "thesis.txt").read_text(encoding="utf-8") == "years of work"


def test_building_again_replaces_what_was_built(built, tmp_path):
    folder, _ = built
    shutil.copytree(folder, tmp_path / "reference")
    (tmp_path / "reference" / "nn.Linear.html").write_text("old", encoding="utf-8")
    reference.build(tmp_path / "reference", only={"nn.Linear"})
    assert "in_features" in (tmp_path / "reference" / "nn.Linear.html").read_text(encoding="utf-8")
    assert (tmp_path / "reference" / LABEL).exists()


# ---- links of the documents


def anchors(text):
    """The names that a page's headings have on code-hosting sites."""
    prose_only = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    titles = [title.strip().lower() for title in re.findall(r"^#+ (.*)$", prose_only, flags=re.MULTILINE)]
    return {
        re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)).replace(" ", "-") for title in titles
    }


@pytest.mark.parametrize("path", PAGES, ids=[path.relative_to(ROOT).as_posix() for path in PAGES])
def test_no_link_of_a_document_leads_nowhere(path):
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "", text)
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, place = unquote(link).partition("#")
        target = path.parent / file if file else path
        checked = place and target.suffix == ".md" and target.exists()
        if not target.exists() or (checked and place not in anchors(target.read_text(encoding="utf-8"))):
            dead.append(link)
    assert dead == []


# ---- in a browser


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("look", [{}, {"color_scheme": "dark"}, {"viewport": {"width": 360, "height": 700}}])
def test_pages_open_from_disk_and_nothing_is_missed(chromium, built, look):  # noqa: F811
    folder, _ = built
    tab = Watched(chromium, (folder.as_uri(),), **look)
    for name in (
        "index.html",
        "nn.Linear.html",
        "pc.Tensor-class.html",
        "train.fit.html",
        "view.decision_boundary.html",
        "map.html",
    ):
        tab.page.goto((folder / name).as_uri())
        width = tab.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, f"{name} is wider than the screen"
    assert tab.errors == tab.refused == []
    tab.context.close()


@pytest.mark.browser
@pytest.mark.slow
def test_the_search_works_by_keyboard_alone(chromium, built):  # noqa: F811
    folder, _ = built
    tab = Watched(chromium, (folder.as_uri(),))
    tab.page.goto((folder / "index.html").as_uri())
    tab.page.keyboard.press("/")
    tab.page.keyboard.type("relu")
    tab.page.wait_for_selector("#found a")
    assert tab.page.locator("#found a").first.inner_text().startswith(("F.relu", "nn.ReLU"))
    tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("ArrowDown")
    chosen = tab.page.evaluate("document.activeElement.querySelector('code').textContent")
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_url(re.compile("relu", re.IGNORECASE))
    assert chosen in tab.page.locator("h1").inner_text()
    tab.page.keyboard.press("/")
    tab.page.keyboard.type("no such thing")
    assert "no such name" in tab.page.locator("#found").inner_text()
    tab.page.keyboard.press("Escape")
    assert tab.page.locator("#found").is_hidden()
    assert tab.errors == []
    tab.context.close()
