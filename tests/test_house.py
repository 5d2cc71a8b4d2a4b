"""A kept house: who may import whom, what stays outside, and what importing the package does."""

import sys

import pytest
from house import FILES, ROOT, dotted, each_file, fresh, imports, part

# ---- who may import whom: the arrows of the design, downwards only

FACES = {
    "cli", "recipes", "export", "keras", "sklearn", "search", "report", "course", "workshop", "doctor", "explain",
    "reference", "shell",
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
        "pellucid/shell.py",
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
