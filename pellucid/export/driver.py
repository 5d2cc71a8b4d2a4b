"""A compiled step as a C program of its own, that checks itself: for sanitizers, other compilers, other processors.

    >>> import tempfile
    >>> import pellucid as pc
    >>> from pellucid.export.driver import write_driver
    >>> w = pc.tensor([1.0, 2.0], requires_grad=True)
    >>> @pc.compile(target="numpy")
    ... def step(x):
    ...     return (w * x).sum()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = write_driver(step, folder, pc.tensor([3.0, 4.0]))
    ...     [path.name for path in files]
    ['program.c', 'data.bin']

    cc -O2 -fopenmp-simd -fwrapv -ffp-contract=off program.c -o program -lm -pthread && ./program data.bin 2

program.c holds the runtime, the kernels, the schedule and a main() (driver.c, beside this file); data.bin holds all
arrays before the first step, and what the NumPy target computes from them. The program prints "ok", or a line for each
array that differs, with exit status 1. The optional second word is the number of threads.
"""

import math
import os
import re
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pellucid.engine import Spec
from pellucid.errors import ArgumentError, DataNotFoundError, PellucidError
from pellucid.graph import Effect, Graph, Node
from pellucid.graph.graph import state_name
from pellucid.targets.c.emit import LEAST, RUNTIME, Source, math_texts, with_includes
from pellucid.targets.c.memory import LINE, lowered, root
from pellucid.targets.c.pool import PARTS
from pellucid.targets.c.prepare import prepared
from pellucid.targets.numpy import NumpyProgram

MAIN = Path(__file__).parent / "driver.c"
MARK = b"PeDriver"  # the first bytes of a data file
FIRST_LINE = "// A step that Pellucid recorded, as a program that checks itself."
HEAD = f"""{FIRST_LINE} It needs no other file but its data:
//
//     cc -O2 -fopenmp-simd -fwrapv -ffp-contract=off program.c -o program -lm -pthread && ./program data.bin
//
// First comes the runtime (threads and matrix products), then functions that kernels call, the kernels, the schedule of
// each step, and main().
"""
STRUCTS = """\
struct array {
    const char *name;
    char kind;           // b (bool), i (integer), u (unsigned), f (float)
    int size;            // bytes of one number
    int64_t count;       // how many
    int slot;            // where in p
    int64_t start;       // so many bytes behind the address that stands there
};

struct part {            // of the arena: some value of the step lies here
    int64_t start, bytes;
};

struct program {
    const char *name;
    int (*step)(void *const *p, const struct runtime *runtime);
    int givens, results, parts;
    const struct array *given, *result;
    const struct part *part;
    int64_t arena_bytes;
};
"""
# How far a result may be off, as part of the largest number in its array. Where rounding makes a larger difference (to
# a gradient that is 0 but for rounding, divided by its own size), what matters is how far NumPy's own result moves when
# the numbers at the start move by a few units in the last place.
RELATIVE = {"float32": 1e-4, "float64": 1e-10}
NUDGES, NUDGE, TIMES = 3, 4, 16  # how often, by how many units in the last place, and how far beyond is still right


def write_driver(step, folder, *arguments, steps=3):
    """Write program.c and data.bin for `steps` calls of a compiled step with these arguments; the two paths.

    Nothing is run but the NumPy target, on copies: all States stay as they are. Files that an earlier call has written
    are replaced, others are not. Raises ArgumentError if there are such, UnsupportedError for what C cannot do.
    """
    driver = Driver(steps)
    driver.add("step", step, *arguments)
    return driver.write(folder)


class Case(NamedTuple):
    """One step with all that it is given and must give."""

    name: str
    source: Source
    arena_bytes: int
    given: list  # pairs (name, array), in the order of p
    results: list  # Result
    steps: int
    succeed: int  # how many steps are not refused


class Result(NamedTuple):
    """An array that a step must leave behind: where, what, and how far it may be off."""

    name: str
    slot: int
    start: int
    array: np.ndarray
    tolerance: float


class Driver:
    """Collects steps, and writes them as one program.

    With `apart`, no value takes the place of another in the arena, and there are gaps between them, so that
    AddressSanitizer sees a kernel that leaves its array.
    """

    def __init__(self, steps=3, apart=False):
        if steps < 1:
            raise ArgumentError(f"steps is {steps}: a driver runs at least one step.")
        self.steps = steps
        self.apart = apart
        self.cases = []

    def add(self, name, step, *args, **kwargs):
        """A compiled step, and the arguments of its calls. It is recorded if it has not been called so, but not run."""
        names, arrays, structure = step.analysed(args, kwargs)
        program = step.program(names, [Spec(x.shape, x.dtype) for x in arrays], structure)
        with program.lock:
            program.bring_gradients()
            self.add_graph(name, program.target.graph, arrays)

    def add_graph(self, name, graph, arguments):
        """The same for a graph."""
        arguments = [np.array(x) for x in arguments]
        states = [np.array(state.array) for state in graph.states]
        outputs, after, succeed = reference(graph, states, arguments, self.steps)
        # The passes number nodes anew, and a live program needs its numbers: they get nodes of their own.
        lowering, commits, arena_bytes = lowered(prepared(twin(graph, graph.states)))
        if self.apart:
            arena_bytes = spread_out(lowering)
        source = Source(lowering, commits)
        moved = [reference(graph, *nudged(states, arguments, seed), self.steps) for seed in range(NUDGES)]
        moved = [(ends, others) for ends, others, count in moved if count == succeed]
        results = []
        for i, array in enumerate(outputs):
            slot, start = where(source, lowering.graph.outputs[i])
            results.append(Result(f"result {i}", slot, start, array, tolerance(array, [ends[i] for ends, _ in moved])))
        given = []
        for (kind, number), (slot, buffer) in source.table.items():
            if kind == "argument":
                given.append((f"argument {buffer.node.op.name}", arguments[number].astype(buffer.spec.dtype)))
            elif kind == "constant":
                given.append((f"constant {number}", buffer.node.value))
            elif kind == "kept":
                given.append((f"kept {number}", np.full(buffer.spec.shape, -1, buffer.spec.dtype)))
            else:
                title = state_name(graph, number)
                given.append((title, states[number]))
                spread = tolerance(after[number], [others[number] for _, others in moved])
                results.append(Result(title, slot, 0, after[number], spread))
        self.cases.append(Case(name, source, arena_bytes, given, results, self.steps, succeed))

    # ---- files

    def write(self, folder):
        """program.c and data.bin; their paths."""
        folder = Path(folder)
        if not folder.is_dir():
            raise DataNotFoundError(f"there is no folder {folder} for a driver.", remedy="Make it first.")
        program, data = folder / "program.c", folder / "data.bin"
        for path, start in ((program, FIRST_LINE.encode()), (data, MARK)):
            if path.exists() and (not path.is_file() or not first_bytes(path, len(start)) == start):
                raise ArgumentError(f"{path} is there already, and is no driver's.", remedy="Choose another folder.")
        replace(data, self.data())
        replace(program, self.text().encode())
        return program, data

    def data(self):
        """The bytes of data.bin (driver.c says what stands where)."""
        parts = [MARK]
        for case in self.cases:
            parts.append(np.array([case.steps, case.succeed], "<i8").tobytes())
            for _, array in case.given:
                parts += record(array, 0.0)
            for result in case.results:
                parts += record(result.array, result.tolerance)
        return b"".join(parts)

    def text(self):
        """program.c."""
        sources = [case.source for case in self.cases]
        kernels = {name: kernel for source in sources for name, (kernel, _) in source.kernels.items()}
        about = {
            name: source.about(calls) for source in reversed(sources) for name, (_, calls) in source.kernels.items()
        }
        parts = [
            HEAD,
            *runtime_parts(sources),
            "#define KERNEL static\n",
            LEAST,
            *math_texts([*kernels.values(), *sources]),
        ]
        parts += [about[name] + kernel.text for name, kernel in kernels.items()]
        parts += dict.fromkeys([text for source in sources for text in source.refusals()])
        for i, source in enumerate(sources):
            texts = [*source.chains(), source.step().replace("int step(", f"static int step{i}(", 1)]
            parts += [text.replace(" slices_", f" slices_of{i}_") for text in texts]
        tables = [line for i, case in enumerate(self.cases) for line in tables_of(i, case)]
        programs = [f"    {about_case(i, case)},\n" for i, case in enumerate(self.cases)]
        tables.append("static const struct program programs[] = {\n" + "".join(programs) + "};\n")
        tables.append(f'#define MARK "{MARK.decode()}"\n')
        return "\n".join([*parts, STRUCTS, *tables, MAIN.read_text(encoding="utf-8")])


def runtime_parts(sources):
    """The files of the runtime, with what they include. What one defines for itself is forgotten before the next."""
    for name in (*PARTS, *sorted({name for source in sources for name in source.files})):
        yield with_includes(name)
        own = (RUNTIME / name).read_text(encoding="utf-8")
        for macro in re.findall(r"^#define (\w+)", own, re.MULTILINE):
            yield f"#undef {macro}"


def tables_of(i, case):
    """What the arrays of a case are, for driver.c."""
    given = [f"    {about_array(name, array, slot, 0)},\n" for slot, (name, array) in enumerate(case.given)]
    results = [f"    {about_array(x.name, x.array, x.slot, x.start)},\n" for x in case.results]
    parts = [f"    {{{start}, {count}}},\n" for start, count in arena_parts(case)]
    for name, kind, lines in (("given", "array", given), ("result", "array", results), ("part", "part", parts)):
        if lines:
            yield f"static const struct {kind} {name}{i}[] = {{\n{''.join(lines)}}};\n"


def about_array(name, array, slot, start):
    return f"{{{quoted(name)}, '{array.dtype.kind}', {array.dtype.itemsize}, {array.size}, {slot}, {start}}}"


def about_case(i, case):
    counts = [len(case.given), len(case.results), len(arena_parts(case))]
    names = [f"{name}{i}" if n else "0" for name, n in zip(("given", "result", "part"), counts, strict=True)]
    return f"{{{quoted(case.name)}, step{i}, {', '.join(map(str, counts))}, {', '.join(names)}, {case.arena_bytes}}}"


def arena_parts(case):
    """(start, bytes) of all that lies in the arena at some time."""
    held = {(b.start, b.bytes) for call in case.source.lowering.calls for b in call.writes if b.kind == "arena"}
    return sorted(held)


def quoted(text):
    """A string literal of C."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def where(source, node):
    """(place in p, bytes behind that) of a result."""
    buffer = source.lowering.place(node).buffer
    if buffer.kind == "arena":
        return len(source.table), buffer.start or 0
    return source.table[buffer.kind, buffer.number][0], 0


def spread_out(lowering):
    """A place of its own for everything in the arena, with gaps. Returns the size of the arena."""
    buffers = dict.fromkeys(b for call in lowering.calls for b in call.writes if b.kind == "arena")
    at = LINE
    for buffer in buffers:
        if buffer.shares is None:
            buffer.start = at
            at += (math.ceil(buffer.bytes / LINE) + 1) * LINE
    for buffer in buffers:
        buffer.start = root(buffer).start
    return at


# ---- what must come out


class StandIn:
    """A State's place in a graph, with other memory."""

    def __init__(self, array):
        self.array = array

    def touch(self):
        """Nobody asks for its version."""


def twin(graph, states):
    """The same graph with nodes of its own, over these States."""
    new = {}
    for node in graph.nodes:
        new[node] = Node(node.op, [new[x] for x in node.inputs], node.spec, node.site, node.value)
    effects = [Effect(e.slot, states[e.slot], new[e.node]) for e in graph.effects]
    nodes = list(new.values())
    return Graph(nodes, [new[x] for x in graph.outputs], effects, states, [new[x] for x in graph.arguments])


def reference(graph, states, arguments, steps):
    """(results of the last step, States after it, steps done) on NumPy, from copies of `states`.

    A step that refuses an index is the last one; then there are no results.
    """
    own = [StandIn(array.copy()) for array in states]
    program = NumpyProgram(twin(graph, own))
    outputs = []
    for done in range(steps):
        try:
            outputs = program.run(arguments)
        except PellucidError:
            return [], [x.array for x in own], done
    return outputs, [x.array for x in own], steps


def nudged(states, arguments, seed):
    """The same numbers, off by a few units in the last place."""
    rng = np.random.default_rng(seed)

    def move(array):
        if array.dtype.kind != "f":
            return array
        factor = 1 + NUDGE * np.finfo(array.dtype).eps * rng.uniform(-1, 1, array.shape)
        return np.asarray(array * factor, array.dtype)

    return [move(x) for x in states], [move(x) for x in arguments]


def tolerance(array, moved):
    """How far the numbers of a result may be off."""
    relative = RELATIVE.get(array.dtype.name, 0.0)
    exact = array.astype(np.float64)
    finite = np.isfinite(exact)
    largest = np.abs(exact[finite]).max(initial=0.0) or 1.0  # zeros are often the difference of equal numbers
    off = 0.0
    for other in moved:
        with np.errstate(invalid="ignore"):
            difference = np.abs(other.astype(np.float64) - exact)
        off = max(off, difference[np.isfinite(difference)].max(initial=0.0))
    return float(max(relative * largest, TIMES * off))


# ---- bytes


def record(array, spread):
    """One array of the data file."""
    array = np.ascontiguousarray(array)
    array = array.astype(array.dtype.newbyteorder("<"))
    return [np.array(array.nbytes, "<i8").tobytes(), np.array(spread, "<f8").tobytes(), array.tobytes()]


def first_bytes(path, count):
    with open(path, "rb") as file:
        return file.read(count)


def replace(path, content):
    """Give a file this content, in one move."""
    handle, unfinished = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(unfinished, path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
