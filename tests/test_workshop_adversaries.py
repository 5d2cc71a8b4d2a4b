"""Answers that want to pass without being right, by accident or by intent. None passes; each is told what it did."""

import os
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from workshop_small import small  # noqa: F401  a fixture

from pellucid.workshop import table
from pellucid.workshop.check import check
from pellucid.workshop.referee import Referee

pytestmark = [pytest.mark.usefixtures("small"), pytest.mark.alone]  # its processes have 3 s each

known = {}


@pytest.fixture
def judged(small):  # noqa: F811
    """The verdict on a text; what our own answers come to is found out once."""

    def judge(text, name="double", **options):
        if name not in known:
            known[name] = Referee(table.piece(name))
            known[name].outcomes()
        return check(table.piece(name), textwrap.dedent(text), referee=known[name], **options)

    return judge


def in_the_call(code, imports=""):
    """An answer that does something in each call, catches whatever comes of it, and then returns what is right."""
    body = textwrap.indent(textwrap.dedent(code).strip(), "        ")
    return f"{imports}\ndef double(x):\n    try:\n{body}\n    except BaseException:\n        pass\n    return 2 * x\n"


SOLUTION = Path(__file__).parent / "workshop_pieces" / "double.py"
REAL_SOLUTION = "Path(pellucid.__file__).parent / 'workshop' / 'pieces' / '__init__.py'"

ADVERSARIES = {
    # it does not end, or ends everything
    "loop": ("time", "def double(x):\n    while True:\n        pass"),
    "loop-while-loading": ("time", "while True: pass\ndef double(x): return 2 * x"),
    "sleeps": ("time", "import time\ndef double(x):\n    time.sleep(100)\n    return 2 * x"),
    "prints-for-ever": ("time", "def double(x):\n    while True:\n        print('passed')"),
    "exit": ("exited", "import sys\ndef double(x): return 2 * x\nsys.exit(0)"),
    "exit-in-the-call": ("exited", "def double(x):\n    exit(0)"),
    "raises-exit": ("exited", "def double(x):\n    raise SystemExit"),
    "os-exit": ("ended", "import os\ndef double(x): return 2 * x\nos._exit(0)"),
    "os-exit-in-the-call": ("ended", "import os\ndef double(x):\n    os._exit(0)"),
    "os-exit-at-last": ("ended", "import os\ndef double(x):\n    return os._exit(0) if x == 100 else 2 * x"),
    "crash": ("ended", "import os\ndef double(x):\n    os.abort()"),
    "memory": ("memory", "def double(x):\n    return len([x] * 10**10)"),
    "memory-of-arrays": ("memory", "import numpy as np\ndef double(x):\n    return np.ones(10**9).sum()"),
    "memory-bit-by-bit": ("memory", "def double(x):\n    a = []\n    while True:\n        a.append(bytearray(10**6))"),
    # it claims to be right
    "prints-passed": ("wrong", "def double(x):\n    print('double: passed.')\n    return 0"),
    "returns-passed": ("wrong", "def double(x):\n    return 'passed'"),
    "equals-everything": (
        "wrong", "class Same:\n    def __eq__(self, other): return True\ndef double(x): return Same()"
    ),
    "number-that-lies": (
        "wrong",
        "class Lie(float):\n    def __repr__(self): return '6.0'\n    __str__ = __repr__\ndef double(x): return Lie(x)",
    ),
    "returns-nothing": ("wrong", "def double(x):\n    x + x"),
    "writes-to-the-channel": ("tampered", in_the_call(
        "for file in range(3, 30):\n    try: os.write(file, b'passed\\n')\n    except OSError: pass", "import os"
    )),
    "closes-the-channel": ("ended", in_the_call(
        "for file in range(3, 30):\n    try: os.close(file)\n    except OSError: pass", "import os"
    )),
    "sends-records": ("tampered", in_the_call("""
        try:
            1 / 0
        except ZeroDivisionError as error:
            frame = error.__traceback__.tb_frame
        while frame is not None:
            if "channel" in frame.f_locals:
                for i in range(5):
                    frame.f_locals["channel"].send("outcome", index=i, outcome={"value": 0})
                frame.f_locals["channel"].send("end")
            frame = frame.f_back
    """)),
    # it raises what others do not catch
    "keyboard-interrupt": ("exception", "def double(x):\n    raise KeyboardInterrupt"),
    "own-base-exception": ("exception", "class Mine(BaseException): pass\ndef double(x):\n    raise Mine('passed')"),
    "exception-that-raises": (
        "exception", "class Mine(Exception):\n    def __str__(self): raise self\ndef double(x):\n    raise Mine"
    ),
    # it looks for the solution
    "reads-the-solution": ("solution", in_the_call(f"open({str(SOLUTION)!r}).read()")),
    "reads-it-by-path": ("solution", in_the_call(
        f"({REAL_SOLUTION}).read_text()", "from pathlib import Path\nimport pellucid"
    )),
    "reads-it-by-os": ("solution", in_the_call(f"os.open({str(SOLUTION)!r}, os.O_RDONLY)", "import os")),
    "reads-it-by-numpy": ("solution", in_the_call(f"np.fromfile({str(SOLUTION)!r}, np.uint8)", "import numpy as np")),
    "reads-it-by-its-loader": ("import", in_the_call(
        "importlib.util.find_spec('workshop_pieces.double').loader.get_source('workshop_pieces.double')",
        "import importlib.util",
    )),
    "imports-the-solution": ("import", "from workshop_pieces.double import PIECE\ndef double(x): return 2 * x"),
    "imports-our-solutions": ("solution", "import pellucid.workshop.table\ndef double(x): return 2 * x"),
    "imports-it-by-importlib": ("import", in_the_call(
        "importlib.import_module('workshop_pieces.double')", "import importlib"
    )),
    # it imports what it may not
    "torch": ("import", "import torch\ndef double(x): return 2 * x"),
    "ctypes": ("import", "import ctypes\ndef double(x): return 2 * x"),
    "hidden-import": ("import", in_the_call("__import__('sub' + 'process')")),
    "import-in-exec": ("import", in_the_call("exec('import socket', {})")),
    "faulthandler": ("import", in_the_call("importlib.import_module('faulthandler')._sigsegv()", "import importlib")),
    "later-piece": ("ancestor", "from workshop.soft import soft\ndef double(x): return 2 * x"),
    "itself": ("ancestor", in_the_call("from workshop.double import double")),
    # it touches files, programs, the checker, Python
    "deletes-tests": ("files", in_the_call(f"os.remove({str(Path(__file__))!r})", "import os")),
    "deletes-a-tree": ("files", in_the_call(f"shutil.rmtree({str(Path(__file__).parent)!r})", "import shutil")),
    "deletes-itself": ("files", in_the_call("pathlib.Path(__file__).unlink()", "import pathlib")),
    "writes-a-file": ("files", in_the_call("open('passed.txt', 'w')")),
    "renames": ("files", in_the_call("os.rename('a', 'b')", "import os")),
    "system": ("system", in_the_call("os.system('true')", "import os")),
    "fork": ("system", in_the_call("os.fork()", "import os")),
    "kills-its-parent": ("system", in_the_call("os.kill(os.getppid(), 9)", "import os")),
    "ctypes-that-is-there": ("system", in_the_call("sys.modules['ctypes'].string_at(0)", "import sys")),
    "trace": ("tampered", in_the_call("sys.settrace(lambda *a: None)", "import sys")),
    "all-objects": ("tampered", in_the_call("gc.get_objects()", "import gc")),
    "frames": ("tampered", in_the_call("sys._getframe(1)", "import sys")),
    "builtins": ("tampered", "import builtins\nbuiltins.len = lambda x: 0\ndef double(x): return 2 * x"),
    "patches-json": ("tampered", in_the_call("json.dumps = lambda *a, **k: 'passed'", "import json")),
    "patches-numpy": ("tampered", in_the_call("np.allclose = lambda *a, **k: True", "import numpy as np")),
    "memory-of-the-process": ("tampered", in_the_call("open('/proc/self/mem', 'rb')")),
}  # fmt: skip

POSIX = {"fork", "kills-its-parent", "memory-of-the-process", "ctypes-that-is-there", "closes-the-channel"}


@pytest.fixture(scope="module")
def all_judged():
    """The verdicts on all of them, several at a time: some do nothing but wait."""
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(4) as pool:
        patch.setattr(table, "HOME", "workshop_pieces")
        patch.setattr(table, "NAMES", ("double", "soft"))
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        table.piece.cache_clear()
        piece = table.piece("double")
        known["double"] = Referee(piece)
        known["double"].outcomes(endless=True)
        verdicts = {
            name: pool.submit(check, piece, text, referee=known["double"]) for name, (_, text) in ADVERSARIES.items()
        }
        return {name: verdict.result() for name, verdict in verdicts.items()}


@pytest.mark.parametrize("name", ADVERSARIES)
def test_adversaries_do_not_pass_and_are_told_what_they_did(name, all_judged):
    if os.name != "posix" and name in POSIX:
        pytest.skip("of POSIX systems")
    verdict = all_judged[name]
    assert not verdict.passed
    assert verdict.kind == ADVERSARIES[name][0], verdict


def test_the_same_body_without_mischief_passes(judged):
    """So that it is the mischief that is refused."""
    verdict = judged(in_the_call("x = x"))
    assert verdict.kind == "passed", verdict
    assert verdict.swallows == (5,)


REFERENCE = {
    "imported": ("reference", "from pellucid.functional import softmax as soft"),
    "called": ("reference", """
        import pellucid as pc
        import pellucid.functional as F
        def soft(x):
            return F.softmax(pc.tensor(x), dim=-1).numpy()
        """),
    "called-and-swallowed": ("reference", """
        import pellucid as pc
        def soft(x):
            try:
                return pc.functional.softmax(pc.tensor(x), dim=-1).numpy()
            except:
                return x
        """),
    "of-its-own-module": ("reference", """
        import sys
        import pellucid as pc
        def soft(x):
            return sys.modules["pellucid.functional.activations"].softmax(pc.tensor(x), dim=-1).numpy()
        """),
    "reloaded": ("solution", """
        import importlib
        import pellucid.functional.activations as activations
        def soft(x):
            return importlib.reload(activations).softmax(x, -1)
        """),
    "source": ("solution", """
        import inspect
        import pellucid.functional as F
        def soft(x):
            inspect.getsource(inspect.getmodule(inspect.unwrap(F.log_softmax)))
        """),
}  # fmt: skip


@pytest.mark.parametrize("name", REFERENCE)
def test_the_reference_is_no_answer(name, judged):
    kind, text = REFERENCE[name]
    verdict = judged(text, "soft")
    assert verdict.kind == kind, verdict


def test_what_is_behind_the_stand_in_is_not_the_reference(judged):
    verdict = judged(
        """
        import pellucid as pc
        import pellucid.functional as F
        def soft(x):
            place = F.softmax.__closure__[0].cell_contents
            return (getattr(F.softmax, "__wrapped__", None) or place.original)(pc.tensor(x), -1).numpy()
        """,
        "soft",
    )
    assert not verdict.passed


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX systems")
def test_a_crash_says_which(all_judged):
    verdict = all_judged["crash"]
    assert verdict.facts == {"call": "double(0)", "status": -6}


def test_a_refusal_names_the_line(judged):
    verdict = judged(in_the_call("open('passed.txt', 'w')"))
    assert verdict.facts["line"] == 4
    assert verdict.facts["text"] == "open('passed.txt', 'w')"


def test_the_solution_cannot_be_found_in_the_process(judged):
    """Everything that can be reached from the frames that called: no text of an answer is among it."""
    verdict = judged(
        """
        import sys

        def double(x):
            try:
                1 / 0
            except ZeroDivisionError as error:
                frame = error.__traceback__.tb_frame.f_back
            seen, found = set(), []
            stack = [sys.modules]
            while frame is not None:
                stack += [dict(frame.f_locals), frame.f_globals]
                frame = frame.f_back
            while stack:
                thing = stack.pop()
                if id(thing) in seen:
                    continue
                seen.add(id(thing))
                if isinstance(thing, str):
                    if "return x" + " + x" in thing or "y = 2" + " * x" in thing:
                        found.append(thing)
                elif isinstance(thing, dict):
                    stack += list(thing.values())
                elif isinstance(thing, (list, tuple, set)):
                    stack += list(thing)
                elif type(thing).__module__.startswith(("pellucid.workshop", "workshop_pieces")):
                    stack += list(getattr(thing, "__dict__", {}).values())
                elif isinstance(thing, type(sys)) and thing.__name__.startswith("pellucid"):
                    stack.append(vars(thing))
            raise ValueError(f"{len(seen) > 1000} {len(found)}")
        """
    )
    assert verdict.facts["message"] == "True 0", verdict


@pytest.mark.parametrize(
    "text",
    [
        "def double(x): ...",
        "def double(x):\n    '''Twice.'''\n    pass",
        "def double(x):\n    raise NotImplementedError",
    ],
)
def test_an_empty_body_is_not_written_yet(text, judged):
    assert judged(text).kind == "unwritten"


def test_a_part_that_was_renamed_is_missed(judged):
    verdict = judged("def twice(x):\n    return 2 * x")
    assert (verdict.kind, verdict.facts) == ("missing", {"names": ["double"]})


def test_memory_is_watched_from_outside_where_the_system_does_not(judged, monkeypatch):
    from pellucid.workshop import process

    pytest.importorskip("psutil")
    monkeypatch.setattr(process, "WATCH_MEMORY", True)
    monkeypatch.setattr("pellucid.workshop.process.EXTRA_MEGABYTES", 0)
    text = "import numpy as np, time\ndef double(x):\n    a = np.ones(23 * 10**6)\n    time.sleep(2)\n    return 2 * x"
    assert judged(text).kind == "memory"
