"""Files: how long they are, how they are opened, and what may not stand in them."""

import ast

import pytest
from house import FILES, PACKAGE, ROOT, dotted, each_file, part, tree_of


def code_lines(path):
    """Lines that are neither blank nor part of a docstring."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    silent = {number for number, line in enumerate(lines, 1) if not line.strip()}
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        if not isinstance(body, list) or not body or not isinstance(body[0], ast.Expr):
            continue
        if isinstance(body[0].value, ast.Constant) and isinstance(body[0].value.value, str):
            silent |= set(range(body[0].lineno, body[0].end_lineno + 1))
    return len(lines) - len(silent)


FIRST_EVENING = [
    "engine.py",
    "walk.py",
    "ops/elementwise.py",
    "tensors/core.py",
    "functional/losses.py",
    "nn/linear.py",
    "optim/sgd.py",
    "train/loop.py",
]


def test_the_first_evening_is_short():
    lengths = {name: code_lines(PACKAGE / name) for name in FIRST_EVENING}
    assert sum(lengths.values()) <= 1500, lengths


def test_the_c_target_is_short():
    lengths = {path.name: code_lines(path) for path in sorted((PACKAGE / "targets" / "c").rglob("*.py"))}
    assert "program.py" in lengths
    images = {name: lengths.pop(name) for name in ("convolution.py", "kept_kernels.py", "pooling.py")}
    assert sum(images.values()) <= 700, images
    assert lengths.pop("images_last.py") <= 400
    assert sum(lengths.values()) <= 2000, lengths


@each_file
def test_no_file_is_long(path):
    count = len(path.read_text(encoding="utf-8").splitlines())
    assert count <= 400, f"{count} lines want to be two files"


# ---- files on disk


def calls(path):
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]


def called(node):
    """The last word of what is called: `open` for both open(...) and path.open(...)."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


OTHER_OPENERS = ("archive", "gzip", "lzma", "bz2", "zipfile", "tarfile", "os", "Image", "webbrowser", "Run")


@pytest.mark.parametrize(
    "path",
    [*FILES, *sorted((ROOT / "tests").glob("*.py")), *sorted((ROOT / "examples").glob("*.py"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_text_file_names_its_encoding(path):
    for node in calls(path):
        words = {keyword.arg: keyword.value for keyword in node.keywords}
        name = called(node)
        if name in ("read_text", "write_text"):
            assert "encoding" in words, f"line {node.lineno}: {ast.unparse(node)}"
        elif name in ("open", "fdopen", "NamedTemporaryFile", "TemporaryFile"):
            owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            if owner.rpartition(".")[2] in OTHER_OPENERS and name == "open":
                continue
            at = 1 if not owner or name != "open" else 0  # open(file, mode), path.open(mode)
            given = words.get("mode") or (node.args[at] if len(node.args) > at else None)
            mode = ast.literal_eval(given) if isinstance(given, ast.Constant) else "w+b" if "Temporary" in name else "r"
            assert "b" in mode or "encoding" in words, f"line {node.lineno}: {ast.unparse(node)}"


@each_file
def test_nothing_is_unpickled(path):
    for node in calls(path):
        for keyword in node.keywords:
            if keyword.arg == "allow_pickle":
                assert ast.literal_eval(keyword.value) is False, f"line {node.lineno}"
        if called(node) == "load" and ast.unparse(node.func) == "np.load":
            assert any(keyword.arg == "allow_pickle" for keyword in node.keywords), f"line {node.lineno}"
        if part(dotted(path)) not in ("explain", "reference"):  # which run the examples of our own pages
            assert ast.unparse(node.func) not in ("eval", "exec"), f"line {node.lineno}"


@pytest.mark.parametrize(
    "path",
    [*FILES, *sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_files_are_utf8_without_absolute_paths_of_a_machine(path):
    text = path.read_text(encoding="utf-8")
    assert "\r" not in text
    for folder in ("/home/", "/root/", "/Users/", "C:\\Users"):
        assert folder not in text
