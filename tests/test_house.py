"""A kept house: who may import whom, what is public, how long files are, and what stays outside."""

import ast
import importlib
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pellucid as pc
from pellucid import ops
from pellucid.engine import Op
from pellucid.errors import UnsupportedError
from pellucid.ops.notation import Notation

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "pellucid"
FILES = sorted(PACKAGE.rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in FILES]

each_file = pytest.mark.parametrize("path", FILES, ids=NAMES)


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def dotted(path):
    """`pellucid.ops.reduce` for its file, `pellucid.ops` for the package's __init__."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part(module):
    """The part of the package a module belongs to: `ops` for pellucid.ops.reduce."""
    return module.split(".")[1] if "." in module else ""


def imports(path, everywhere=True):
    """The full names of all modules that a file imports; with `everywhere` inside functions as well."""
    tree = tree_of(path)
    package = dotted(path) if path.name == "__init__.py" else dotted(path).rpartition(".")[0]
    found = []

    def visit(node):
        for child in ast.iter_child_nodes(node):
            if not everywhere and isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                continue
            if isinstance(child, ast.Import):
                found.extend(alias.name for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                above = package.split(".")[: len(package.split(".")) - child.level + 1] if child.level else []
                base = ".".join([*above, *([child.module] if child.module else [])])
                if base == "pellucid":  # `from pellucid import engine` means pellucid.engine
                    found.extend(f"pellucid.{alias.name}" for alias in child.names)
                else:
                    found.append(base)
            visit(child)

    visit(tree)
    return found


# ---- who may import whom: the arrows of the design, downwards only

FACES = {
    "cli", "recipes", "export", "keras", "sklearn", "search", "report", "course", "workshop", "doctor", "explain",
    "reference",
}  # fmt: skip

MAY_IMPORT = {
    "errors": set(),
    "blame": {"errors", "modes"},
    "modes": {"errors"},
    "spec": {"errors", "modes"},
    "walk": set(),
    "engine": {"errors", "modes", "spec", "walk"},
    "ops": {"errors", "engine"},
    "tensors": {"blame", "errors", "engine", "ops"},
    "functional": {"blame", "errors", "engine", "ops", "tensors"},
    "linalg": {"blame", "errors", "tensors"},
    "nn": {"blame", "errors", "engine", "ops", "tensors", "functional"},
    "models": {"blame", "errors", "engine", "ops", "tensors", "functional", "nn"},
    "optim": {"blame", "errors", "engine", "ops", "tensors"},
    "metrics": {"blame", "errors", "engine", "ops", "tensors"},
    "data": {"blame", "errors"},
    "graph": {"errors", "engine", "ops"},
    "toolchain": {"errors", "modes"},
    "fusion": {"ops", "graph"},
    "targets": {"errors", "modes", "engine", "ops", "graph", "fusion", "toolchain"},
    "arguments": {"errors", "engine", "tensors"},
    "program": {"errors", "engine", "ops", "tensors", "graph", "targets", "toolchain", "arguments"},
    "compile": {"errors", "engine", "ops", "tensors", "graph", "targets", "toolchain", "arguments", "program"},
}
MAY_IMPORT["train"] = {
    "blame",
    *MAY_IMPORT["compile"],
    "compile",
    "toolchain",
    "functional",
    "nn",
    "optim",
    "data",
    "metrics",
}
MAY_IMPORT["view"] = {*MAY_IMPORT["train"], "models"} - {"train"}

IMPORTED_ANYWHERE_ELSE = {"": {"pellucid"}}  # the version stands in pellucid/__init__.py


@each_file
def test_arrows_point_down(path):
    own = part(dotted(path))
    if own in ("", "__main__") or own in FACES:
        return
    assert own in MAY_IMPORT, f"pellucid.{own} has no place in the layering: write it into MAY_IMPORT"
    used = {part(name) for name in imports(path) if name.startswith("pellucid.")} - {own, "__version__"}
    assert used <= MAY_IMPORT[own], f"{dotted(path)} may not import {sorted(used - MAY_IMPORT[own])}"


@each_file
def test_nothing_imports_the_faces(path):
    own = part(dotted(path))
    if own in ("", "__main__") or own in FACES:
        return
    assert not {part(name) for name in imports(path) if name.startswith("pellucid.")} & FACES


def test_modules_import_no_circle_at_the_top():
    """A part that is imported by one of those it imports would load half made."""
    needs = {own: {own} for own in MAY_IMPORT}
    for path in FILES:
        own = part(dotted(path))
        if own in needs:
            needs[own] |= {part(n) for n in imports(path, everywhere=False) if n.startswith("pellucid.")}
    for own, below in needs.items():
        for other in below - {own}:
            assert own not in needs.get(other, set()), f"{own} and {other} import each other"


OWN_FILE_ONLY = {
    "jax": ("pellucid/targets/jax.py",),
    "onnx": ("pellucid/targets/onnx/",),
    "onnxruntime": (),
    "torch": (),
    "sklearn": ("pellucid/sklearn/",),
    "optuna": ("pellucid/recipes/tune.py",),
    "subprocess": (
        "pellucid/toolchain/",
        "pellucid/cli.py",
        "pellucid/doctor.py",
        "pellucid/workshop/",
        "pellucid/course/commands.py",
    ),
    "pickle": (),
    "cPickle": (),
    "marshal": (),
    "shelve": (),
}
HEAVY = {
    "click", "jax", "latex2mathml", "marimo", "matplotlib", "onnx", "optuna", "PIL", "pooch", "psutil", "pygments",
    "rich", "safetensors", "tensorboardX",
}  # fmt: skip
STANDARD = set(sys.stdlib_module_names)


@each_file
def test_outside_packages_stay_in_their_files(path):
    where = path.relative_to(ROOT).as_posix()
    for name in imports(path):
        allowed = OWN_FILE_ONLY.get(name.partition(".")[0])
        assert allowed is None or where.startswith(allowed or ("nowhere",)), f"{where} may not import {name}"


@each_file
def test_only_known_packages_are_imported(path):
    known = {"pellucid", "numpy"} | HEAVY | {"IPython", "sklearn"} | STANDARD
    assert {name.partition(".")[0] for name in imports(path)} <= known


POSIX_MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
POSIX_CALLS = {"fork", "geteuid", "getuid", "killpg", "mkfifo", "sched_getaffinity", "setsid", "uname"}


@each_file
def test_posix_only_modules_stay_in_the_toolchain(path):
    if part(dotted(path)) == "toolchain":
        return
    assert not POSIX_MODULES & {name.partition(".")[0] for name in imports(path)}
    text = path.read_text(encoding="utf-8")
    for name in POSIX_CALLS:
        assert f"os.{name}(" not in text or f'hasattr(os, "{name}")' in text, f"os.{name} is not everywhere"


# ---- importing


def fresh(program, *options, **environment):
    """The output of a program in a new interpreter that finds this package."""
    done = subprocess.run(
        [sys.executable, *options, "-c", program],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_import_loads_numpy_and_the_standard_library_only():
    loaded = fresh(
        "import sys; before = set(sys.modules); import pellucid; print(*sorted(set(sys.modules) - before))"
    ).split()
    outside = {name.partition(".")[0] for name in loaded} - STANDARD - {"numpy", "pellucid"}
    outside = {name for name in outside if not name.startswith("_")}  # parts of the standard library in C
    assert "pellucid" in loaded
    assert outside == set()
    late = {"pellucid.train", "pellucid.view", "pellucid.cli", "socket", "ssl", "urllib.request", "asyncio"}
    assert not late & set(loaded)


@pytest.mark.alone
def test_import_is_quick(tmp_path):
    """Within 0.4 s of a bare interpreter, once Python has compiled the files: best of several, as others only add."""
    program = "import time; t = time.perf_counter(); import pellucid; print(time.perf_counter() - t)"
    keeps_bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path)}
    assert min(float(fresh(program, **keeps_bytecode)) for _ in range(5)) < 0.4


def test_import_opens_no_socket_and_writes_no_file(tmp_path):
    program = (
        "import sys; sys.dont_write_bytecode = True\n"
        "def watch(event, args):\n"
        "    opened = event == 'open' and args[1] is not None and set(str(args[1])) & set('wax+')\n"
        "    if event.startswith('socket.') or opened or event == 'subprocess.Popen': raise SystemExit(event)\n"
        "sys.addaudithook(watch)\n"
        "import pellucid"
    )
    fresh(program, HOME=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_infinities_are_computed_without_warnings():
    """They are the rules of floating point. `pc.detect_anomaly` finds them for those who look."""
    program = """
import pellucid as pc
def step(x):
    a = x.log() + x / 0.0 + (x * 1e38 * 1e38).exp() + (-x).sqrt() + x ** -1.0 + x.to(pc.int64)
    a = a + (x * 1e38).to(pc.float16)
    return a + pc.tensor(0.0).log() + (pc.tensor([0.0]) / 0.0)
x = pc.tensor([0.0, 1.0, -1.0, float("inf"), float("nan")])
step(x); pc.compile(step)(x)
w = pc.tensor([0.0, 1e38], requires_grad=True)
(w.sqrt() * w * w).sum().backward()
"""
    assert fresh(program) == ""


# ---- what is public


def public(module):
    return [name for name in vars(module) if not name.startswith("_")]


def in_order(names):
    """CONSTANTS, Classes, then the rest; int8 before int16."""

    def key(name):
        kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
        return kind, [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]

    return sorted(names, key=key)


def test_the_public_list_is_explicit_and_sorted():
    assert pc.__all__ in (sorted(pc.__all__), in_order(pc.__all__))
    assert len(set(pc.__all__)) == len(pc.__all__)
    for name in pc.__all__:
        assert getattr(pc, name) is not None


def test_nothing_else_leaks():
    """Submodules may be seen once they are loaded; anything else that is not in the list has an underscore."""
    loaded = fresh(
        "import pellucid, types; print(*[n for n, v in vars(pellucid).items() if not n.startswith('_')])"
    ).split()
    submodules = {
        path.stem if path.name != "__init__.py" else path.parent.name
        for path in FILES
        if len(path.relative_to(PACKAGE).parts) <= 2
    }
    assert set(loaded) <= set(pc.__all__) | submodules
    assert sorted(dir(pc)) == sorted(pc.__all__)


LISTED = [
    path for path in FILES
    if path.name == "__init__.py" and any(
        isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__" for node in tree_of(path).body
    )
]  # fmt: skip


def imported(name):
    """A package. One that needs another package, which is not installed, is skipped."""
    try:
        return importlib.import_module(name)
    except UnsupportedError as error:
        pytest.skip(error.message)


@pytest.mark.parametrize("path", LISTED, ids=[dotted(path) for path in LISTED])
def test_lists_of_packages_are_sorted_and_true(path):
    module = imported(dotted(path))
    assert list(module.__all__) in (sorted(module.__all__), in_order(module.__all__))
    for name in module.__all__:
        assert hasattr(module, name)
    tops = [name for name in public(module) if not inspect.ismodule(getattr(module, name))]
    if path.parent != PACKAGE:
        assert set(tops) <= set(module.__all__), "what a package imports and does not list leaks from it"


@each_file
def test_no_star_imports(path):
    for node in ast.walk(tree_of(path)):
        assert not (isinstance(node, ast.ImportFrom) and node.names[0].name == "*"), f"line {node.lineno}"


@each_file
def test_every_file_says_what_it_is(path):
    assert path.stat().st_size == 0 or ast.get_docstring(tree_of(path))


RULES = {"infer", "forward", "gradient"}  # of an op: explained once, in Op


@pytest.mark.parametrize("path", LISTED, ids=[dotted(path) for path in LISTED])
def test_every_public_name_has_a_docstring(path):
    """Functions, classes and their public methods. A method that overrides another may leave its page to that."""
    module = imported(dotted(path))
    missing = []
    for name in module.__all__:
        thing = getattr(module, name)
        if not (inspect.ismodule(thing) or inspect.isclass(thing) or inspect.isroutine(thing)):
            continue  # a number, a dtype
        if not inspect.getdoc(thing):
            missing.append(name)
        if not inspect.isclass(thing) or not thing.__module__.startswith("pellucid"):
            continue
        for word, value in inspect.getmembers_static(thing):
            own = isinstance(value, (property, classmethod, staticmethod)) or inspect.isfunction(value)
            if not own or word.startswith("_") or (issubclass(thing, Op) and word in RULES):
                continue
            if not inspect.getdoc(getattr(thing, word)):
                missing.append(f"{name}.{word}")
    assert missing == []


# ---- length


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


# ---- the notation of gradient rules


def test_tensor_implements_the_notation():
    asked = {
        name for name in vars(Notation) if callable(vars(Notation)[name]) or isinstance(vars(Notation)[name], property)
    }
    asked -= {"__init__", "__subclasshook__", "__init_subclass__", "__class_getitem__"}
    asked |= set(Notation.__annotations__)
    for name in asked:
        assert inspect.getattr_static(pc.Tensor, name, None) is not None, f"Tensor has no {name}"


OPERATORS = {
    ast.Add: ("__add__", "__radd__"),
    ast.Sub: ("__sub__", "__rsub__"),
    ast.Mult: ("__mul__", "__rmul__"),
    ast.Div: ("__truediv__", "__rtruediv__"),
    ast.Pow: ("__pow__", "__rpow__"),
    ast.MatMult: ("__matmul__", "__rmatmul__"),
    ast.BitOr: ("__or__", "__ror__"),
    ast.BitAnd: ("__and__", "__rand__"),
    ast.USub: ("__neg__",),
    ast.Lt: ("__lt__",),
    ast.LtE: ("__le__",),
    ast.Gt: ("__gt__",),
    ast.GtE: ("__ge__",),
    ast.Eq: ("__eq__",),
    ast.NotEq: ("__ne__",),
}


def words_of_rules():
    """The operators and attributes that gradient rules write on g, y and the inputs."""
    used = {}
    for path in sorted((PACKAGE / "ops").glob("*.py")):
        for rule in ast.walk(tree_of(path)):
            if not (isinstance(rule, ast.FunctionDef) and rule.name in ("gradient", "transposed")):
                continue
            arguments = [a.arg for a in rule.args.args if a.arg != "self"]
            arguments += [rule.args.vararg.arg] if rule.args.vararg else []
            local = {
                node.id for node in ast.walk(rule) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            values = set(arguments) | local
            for node in ast.walk(rule):
                where = f"{path.name}:{getattr(node, 'lineno', 0)}"
                if isinstance(node, (ast.BinOp, ast.UnaryOp)) and type(node.op) in OPERATORS:
                    operands = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.operand]
                    if any(mentions(x, set(arguments) - {"inputs"}) for x in operands) and not about_shapes(node):
                        used.setdefault(type(node.op), where)
                elif isinstance(node, ast.Compare) and mentions(node.left, set(arguments)) and not about_shapes(node):
                    used.setdefault(type(node.ops[0]), where)
                elif isinstance(node, ast.Attribute) and of_a_value(node.value, values):
                    used.setdefault(node.attr, where)
    return used


def of_a_value(node, values):
    return (isinstance(node, ast.Name) and node.id in values) or isinstance(node, (ast.BinOp, ast.Compare, ast.Call))


def mentions(node, names):
    return any(isinstance(x, ast.Name) and x.id in names for x in ast.walk(node))


def about_shapes(node):
    """Arithmetic of lengths, not of values."""
    sides = [node.left, node.right] if isinstance(node, ast.BinOp) else [getattr(node, "left", node)]
    return any(
        isinstance(side, ast.Subscript)
        or (isinstance(side, ast.Attribute) and side.attr in ("shape", "dtype"))
        or (isinstance(side, ast.Name) and side.id in ("n", "axis", "start", "length"))
        for side in sides
    )


def test_notation_is_what_gradient_rules_write():
    """Neither less (a rule would use what no one promised) nor more (nobody needs it)."""
    promised = {n for n in vars(Notation) if not n.startswith("_") or n in {w for ws in OPERATORS.values() for w in ws}}
    promised |= set(Notation.__annotations__)
    promised = {name for name in promised if not name.startswith("_is") and name != "_abc_impl"}
    used = words_of_rules()
    needed, justified = {}, set()
    for word, where in used.items():
        spelled = OPERATORS.get(word, (word,)) if isinstance(word, type) else (word,)
        if word not in ("name", "append"):  # of a dtype, of a list
            needed[spelled[0]] = where
            justified |= set(spelled)
    justified |= {"shape", "dtype", "requires_grad"}
    lacking = {name: where for name, where in needed.items() if name not in promised}
    assert lacking == {}
    assert promised - justified == set()


def test_gradient_rules_write_ops_and_never_numpy():
    """A rule that computed with arrays could be neither recorded nor differentiated."""
    for path in sorted((PACKAGE / "ops").glob("*.py")):
        for rule in ast.walk(tree_of(path)):
            if isinstance(rule, ast.FunctionDef) and rule.name == "gradient":
                assert not mentions(rule, {"np"}), f"{path.name}:{rule.lineno}"
                assert "array" not in {n.attr for n in ast.walk(rule) if isinstance(n, ast.Attribute)}


def test_ops_know_no_family_of_values():
    """Each op's `forward` takes arrays and gives arrays: no Tensor is needed to use it."""
    assert ops.Add().forward(np.ones(2), np.ones(2)).tolist() == [2.0, 2.0]
    assert "Tensor" not in vars(ops)
