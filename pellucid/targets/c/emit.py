"""The text of a step: each kernel as a unit of its own, and `step()`, which calls them in order.

`Source` holds the parts. `units()` gives them to the compiler, one file for each kernel, so that a kernel that was
compiled for another step is not compiled again. `listing()` is one file for readers, with comments that say from which
ops, shapes and lines each kernel came.
"""

import math
from pathlib import Path

from pellucid.graph.capture import memory_spec
from pellucid.graph.graph import state_name
from pellucid.targets.c.convolution import files
from pellucid.targets.c.expressions import c_type
from pellucid.targets.c.lower import Attend, Check, Convolution, Kernel, Number, Product
from pellucid.targets.c.packs import Pack
from pellucid.targets.c.slices import Chain
from pellucid.targets.c.wording import call_text, harmless, in_words, int64_array, wrapped
from pellucid.toolchain.build import Unit

CONTRACT = ("-ffp-contract=fast",)  # the runtime may add a product to a sum without rounding it first
TINY = 512  # multiplications up to which a product is done in the schedule
RUNTIME = Path(__file__).parent / "runtime"

HEADER = """\
// A training step (or part of one) that Pellucid recorded and wrote as C.
//
// How to read it. Every kernel has the same arguments: p, the addresses of its buffers; n, its sizes; and the units of
// work to do, begin to end - 1. Its first lines give them names: x0, x1, ... are read, y0, y1, ... are written, n_i is
// the length of the loop over i, and arrays lie row after row in memory. step() at the end is the schedule: it says
// which kernel works on which values. In it, v7 is what node %7 of step.graph computes; inside of a kernel v0, v1, ...
// are its own. Kernels whose work is worth it are handed to several threads by parallel(); matrix products are the
// runtime's.
"""

# Several libraries of a process may have functions of one name. So kernels cannot be seen from outside of their
# library, and `step` is never taken from another.
HIDDEN = """\
#ifdef _WIN32
#define KERNEL
#define PROTECTED
#else
#define KERNEL __attribute__((visibility("hidden")))
#define PROTECTED __attribute__((visibility("protected")))
#endif
"""

LEAST = "static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }\n"

REFUSED = """\
// Is one of these numbers negative, or not below size? (A size of -1: there is no limit.)
static int refused_{ending}(const {kind} *x, int64_t count, int64_t size)
{{
    int wrong = 0;
    for (int64_t i = 0; i < count; i++)
        wrong |= x[i] < 0 || (size >= 0 && x[i] >= size);
    return wrong;
}}
"""

REPEAT = """\
// Many steps in one call. Argument number slot[i] of step s lies at from[i] + s * stride[i], and result i of that step
// goes to to[i] + s * bytes[i]. Returns how many steps were done: fewer than asked if one refused an index. In the end
// p[slot[i]] is own[i].
int64_t repeat(void **p, const struct runtime *runtime, int64_t steps, char *const *from, int64_t arguments,
               const int64_t *slot, const int64_t *stride, char *const *own, char *const *to, int64_t results,
               char *const *result, const int64_t *bytes)
{
    int64_t s = 0;
    for (; s < steps; s++) {
        for (int64_t i = 0; i < arguments; i++)
            p[slot[i]] = from[i] + s * stride[i];
        if (step(p, runtime))
            break;
        for (int64_t i = 0; i < results; i++)
            __builtin_memcpy(to[i] + s * bytes[i], result[i], (uint64_t)bytes[i]);
    }
    for (int64_t i = 0; i < arguments; i++)
        p[slot[i]] = own[i];
    return s;
}
"""


class Source:
    """A lowered graph as text."""

    def __init__(self, lowering, commits):
        self.lowering = lowering
        self.graph = lowering.graph
        self.commits = commits
        # Calls that have nothing to do, because an array has no elements, are left out.
        self.calls = [call for call in lowering.calls if getattr(call.what, "units", 1)]
        self.kernels = {}  # name -> (Kernel, the calls of it)
        for call in self.single_calls():
            if isinstance(call.what, Kernel):
                known, calls = self.kernels.setdefault(call.what.name, (call.what, []))
                assert known.text == call.what.text, "two kernels have one name"
                calls.append(call)
        self.functions = ("tiny",) if any(is_tiny(call.what) for call in self.single_calls()) else ()
        self.files = files(self.single_calls())  # of the runtime, that not all programs need
        self.table = self.number_buffers()

    def single_calls(self):
        """All calls, those within chains too."""
        for call in self.calls:
            yield from [each.call for each in call.what.calls] if isinstance(call.what, Chain) else [call]

    def number_buffers(self):
        """What stands where in p: arguments, States, constants, what is kept from step to step, and last the arena."""
        table = {}
        for call in self.calls:
            for buffer, _ in [*call.reads, *[(buffer, True) for buffer in call.writes]]:
                if buffer.kind != "arena":
                    table.setdefault(identity(buffer), buffer)
        for commit in self.commits:
            table.setdefault(("state", commit.slot), None)
        order = {"argument": 0, "state": 1, "constant": 2, "kept": 3}
        keys = sorted(table, key=lambda key: (order[key[0]], key[1]))
        return {key: (i, table[key]) for i, key in enumerate(keys)}

    # ---- the schedule

    def step(self, timed=False):
        """The function `step`. With `timed`, it also adds the seconds of each call to an array."""
        lines = [*self.declarations(self.calls, self.commits), ""]
        for number, call in enumerate(self.calls):
            lines.append(f"// {self.brief(call)}")
            if timed:
                lines.append("start = now();")
            lines += self.call_lines(call, number)
            if timed:
                lines.append(f"seconds[{number}] += now() - start;")
        for commit in self.commits:
            if not commit.buffer.bytes:
                continue
            target = self.name("state", commit.slot)
            lines.append(f"__builtin_memcpy({target}, {self.address(commit.buffer, 0)}, {commit.buffer.bytes});")
        name = "int step_timed(void *const *p, const struct runtime *runtime, double *seconds)"
        head = name if timed else "int step(void *const *p, const struct runtime *runtime)"
        first = ["double start;"] if timed else []
        body = "\n".join(f"    {line}" if line else "" for line in [*first, *lines, "return 0;"])
        return f"{head}\n{{\n    (void)p, (void)runtime;\n{body}\n}}\n"

    def chains(self):
        """A function for each chain of calls that is done slice by slice."""
        for number, call in enumerate(self.calls):
            if not isinstance(call.what, Chain):
                continue
            lines = [
                "void *const *p = given[0];",
                "const struct runtime *runtime = given[1];",
                "(void)n, (void)runtime;",
                *self.declarations([each.call for each in call.what.calls]),
                "for (int64_t s = begin; s < end; s++) {",
            ]
            for each in call.what.calls:
                lines.append(f"    // {self.brief(each.call)}")
                lines += [f"    {line}" for line in self.call_lines(each.call, number, each)]
            body = "\n".join(f"    {line}" for line in [*lines, "}"])
            head = f"static void slices_{number}(void *const *given, const int64_t *n, int64_t begin, int64_t end)"
            about = f"// {len(call.what.calls)} calls, together for one slice of the rows after the other."
            yield f"{about}\n{head}\n{{\n{body}\n}}\n"

    def declarations(self, calls, commits=()):
        """A named pointer for each array of these calls and commits. A Chain is a function with its own."""
        calls = [call for call in calls if not isinstance(call.what, Chain)]
        touched = [b for call in calls for b in (*[buffer for buffer, _ in call.reads], *call.writes)]
        touched += [commit.buffer for commit in commits]
        known = {identity(buffer) for buffer in touched} | {("state", commit.slot) for commit in commits}
        for (kind, number), (i, buffer) in [(key, self.table[key]) for key in self.table if key in known]:
            spec = memory_spec(self.graph.states[number]) if kind == "state" else buffer.spec
            note = f"{harmless(buffer.node.op.name)}: " if kind == "argument" else ""
            yield f"{c_type(spec.dtype)} *{self.name(kind, number)} = p[{i}];  // {note}{spec}"
        arena = [buffer for buffer in touched if buffer.kind == "arena"]
        if arena:
            yield f"char *arena = p[{len(self.table)}];"
        for buffer in dict.fromkeys(arena):
            kind = c_type(buffer.spec.dtype)
            yield f"{kind} *{arena_name(buffer)} = ({kind} *)(arena + {buffer.start});  // {buffer.spec}"

    def name(self, kind, number):
        """The name of an array that is not in the arena: argument_0, parameter_3, gradient_of_parameter_3, ..."""
        return state_name(self.graph, number).replace(" ", "_") if kind == "state" else f"{kind}_{number}"

    def address(self, buffer, start):
        """A place in memory, as an expression."""
        if isinstance(buffer, Number):
            return f"&({buffer.kind}){{{buffer.text}}}"
        name = arena_name(buffer) if buffer.kind == "arena" else self.name(*identity(buffer))
        return f"{name} + {start}" if start else name

    def call_lines(self, call, number, sliced=None):
        """The lines of C for one call; for slice number s, if it is one of a chain."""
        what = call.what
        match what:
            case Check(place=place, count=count, size=size, kind=kind):
                limit = -1 if size is None else size
                where = self.address(place.buffer, place.start)
                return [f"if (refused_{kind}({where}, {count}, {limit}))", f"    return {number + 1};"]
            case Product():
                return self.product_lines(what, sliced)
            case Pack(product=product, once=once):
                return self.pack_lines(product, once)
            case Chain(slices=slices):
                given = "(void *[]){(void *)p, (void *)runtime}"
                return [f"runtime->parallel(runtime, slices_{number}, {slices}, {given}, 0);"]
            case Attend() | Convolution():
                return what.lines(self.address)
        pointers = ", ".join(self.address(*pointer) for pointer in what.pointers)
        pointers, sizes = f"(void *[]){{{pointers}}}, ", int64_array(what.sizes)
        if sliced:
            return wrapped(f"{what.name}(", pointers, f"{sizes}, s * {sliced.units}, (s + 1) * {sliced.units});")
        if what.units == 1 or what.serial:
            return wrapped(f"{what.name}(", pointers, f"{sizes}, 0, {what.units});")
        return wrapped("runtime->parallel(", f"runtime, {what.name}, {what.units}, ", pointers, f"{sizes});")

    def product_lines(self, product, sliced=None):
        """A matrix product, within loops over leading axes that do not merge into two."""
        loops, rows = [], []
        for i, (length, *_) in enumerate(product.outer):
            loops.append(f"{'    ' * i}for (int64_t h{i} = 0; h{i} < {length}; h{i}++)")
        groups, batch, m, n, k = product.sizes
        for which, (letter, operand) in enumerate(zip("abc", (product.a, product.b, product.c), strict=True)):
            buffer, start, group_steps, batch_steps, row, column = operand
            moves = [f" + h{i} * {axis[1 + which]}" for i, axis in enumerate(product.outer) if axis[1 + which]]
            moves += [f" + s * {sliced.steps[which]}"] if sliced and sliced.steps[which] else []
            parts = [f".{letter} = {self.address(buffer, start)}{''.join(moves)}", f".{letter}_row = {row}"]
            parts += [f".{letter}_column = {column}"] if letter != "c" else []  # those of c lie side by side
            parts += [f".{letter}_batch = {batch_steps}"] if batch != 1 else []
            parts += [f".{letter}_group = {group_steps}"] if groups != 1 else []
            rows.append(f"{', '.join(parts)},")
        rows += [f".packed = {self.packed(product)},"] if product.packed else []
        pad = "    " * len(loops)
        call = f"runtime->matmul_{product.dtype}({'0' if sliced else 'runtime'}, "
        head = f"{pad}{'tiny_f32(' if is_tiny(product) else call}&(struct matmul){{"
        return [
            *loops,
            head,
            f"{pad}    {f'.groups = {groups}, ' if groups != 1 else ''}.batch = {batch}, .m = {m}, .n = {n}, .k = {k},",
            *[pad + "    " + r for r in rows],
            f"{pad}}});",
        ]

    def pack_lines(self, product, once):
        """The b of a product, laid out for it."""
        buffer, start, *_, row, column = product.b
        *_, n, k = product.sizes
        sizes = f".n = {n}, .k = {k}, .b = {self.address(buffer, start)}, .b_row = {row}, .b_column = {column}"
        call = f"runtime->pack_{product.dtype}(runtime, "
        lines = wrapped(call, f"&(struct matmul){{{sizes}}}, ", f"{self.address(*product.packed)});")
        said = f"{self.address(product.packed[0], 0)}[0]"
        return [f"if ({said} == -1) {{", *[f"    {line}" for line in lines], f"    {said} = 0;", "}"] if once else lines

    def packed(self, product):
        """Where the b of a product is laid out. (If it is kept, the number at its beginning says whether it holds.)"""
        buffer, start = product.packed
        where = self.address(buffer, start)
        return f"{self.address(buffer, 0)}[0] < 0 ? 0 : {where}" if buffer.kind == "kept" else where

    def brief(self, call):
        """What a call makes, and the user's lines, in one line."""
        sites = ", ".join(dict.fromkeys(harmless(node.site) for node in call.nodes if node.site is not None))
        if isinstance(call.what, Check):
            (node,) = call.nodes
            return f"are all indices right that {type(node.op).__name__} is given?   {sites}".rstrip()
        made = [node for node in call.nodes if node in self.lowering.fusion.stored]
        words = [f"v{node.number} = {in_words(node)} {node.spec}" for node in made]
        return f"{'; '.join(words)}   {sites}".rstrip()

    def about(self, calls):
        """The ops of a kernel, with shapes and the user's lines, as its first call has them."""
        nodes = calls[0].nodes
        rows = [(f"v{node.number} = {call_text(node)}", str(node.spec), harmless(node.site or "")) for node in nodes]
        first, second = (max(len(row[i]) for row in rows) for i in (0, 1))
        lines = [f"// {a:<{first}}  {b:<{second}}  {c}".rstrip() for a, b, c in rows]
        for call in calls[1:4]:
            shapes = ", ".join(dict.fromkeys(str(node.spec) for node in call.nodes))
            lines.append(f"// also for v{call.nodes[0].number} to v{call.nodes[-1].number}: {shapes}")
        if len(calls) > 4:
            lines.append(f"// and {len(calls) - 4} more calls")
        return "\n".join(lines) + "\n"

    # ---- files

    def units(self, timed=False):
        """Each file to compile: the kernels, and the step."""
        for kernel, _ in self.kernels.values():
            parts = ["#include <stdint.h>\n", HIDDEN + declaration(kernel) + ";\n", LEAST, *math_texts([kernel])]
            yield Unit(kernel.name, "\n".join([*parts, kernel.text]), CONTRACT if kernel.contract else ())
        for name in self.files:
            yield Unit(name, with_includes(name), CONTRACT)
        yield Unit("step_timed" if timed else "step", self.schedule(timed))

    def schedule(self, timed=False):
        """The file of the step itself."""
        parts = ["#include <stdint.h>\n", runtime_header(self.files), *math_texts([self])]
        if timed:
            parts += ["#include <time.h>\n", CLOCK]
        parts.append(HIDDEN + "".join(declaration(kernel) + ";\n" for kernel, _ in self.kernels.values()))
        parts.append("PROTECTED int step(void *const *p, const struct runtime *runtime);\n")
        parts += [*self.refusals(), *self.chains(), self.step(timed)]
        return "\n".join(parts if timed else [*parts, REPEAT])

    def refusals(self):
        """The functions that check indices, for the types that occur."""
        kinds = {call.what.kind for call in self.calls if isinstance(call.what, Check)}
        return [REFUSED.format(ending=kind, kind=kind) for kind in sorted(kinds)]

    def listing(self):
        """The whole program as one file to read."""
        kernels = [kernel for kernel, _ in self.kernels.values()]
        parts = [HEADER, "#include <stdint.h>\n", runtime_header(self.files), "#define KERNEL static\n", LEAST]
        parts += math_texts([*kernels, self])
        for kernel, calls in self.kernels.values():
            parts.append(self.about(calls) + kernel.text)
        return "\n".join([*parts, *self.refusals(), *self.chains(), self.step(), REPEAT])


CLOCK = """\
static double now(void)
{
    struct timespec t;
#ifdef CLOCK_MONOTONIC
    clock_gettime(CLOCK_MONOTONIC, &t);
#else
    timespec_get(&t, TIME_UTC);
#endif
    return (double)(t.tv_sec & 0xFFFF) + 1e-9 * (double)t.tv_nsec;  // all seconds since 1970 would cost the nanoseconds
}
"""


def identity(buffer):
    """(kind, number): what memory a buffer is, but for the arena's."""
    return buffer.kind, buffer.node.number if buffer.kind in ("constant", "kept") else buffer.number


def arena_name(buffer):
    """v7 for the node %7, v7_parts for the parts that are to be added up to it."""
    return f"v{buffer.node.number}{buffer.of and '_'}{buffer.of}"


def declaration(kernel):
    """The first line of a kernel, without a body."""
    return f"KERNEL void {kernel.name}(void *const *p, const int64_t *n, int64_t begin, int64_t end)"


def runtime_header(files=()):
    """What the runtime offers, and these files of it."""
    text = with_includes("convolution.h" if files else "runtime.h")
    return text.replace("#include <stdint.h>\n", "")


def with_includes(name):
    """A file of the runtime with the files that it includes from beside it put in their place."""
    lines = []
    for line in (RUNTIME / name).read_text(encoding="utf-8").splitlines():
        if line.startswith('#include "'):
            lines.append(with_includes(line.split('"')[1]))
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def is_tiny(what):
    """Is this a product that the schedule itself multiplies? (tiny.h)"""
    is_single = isinstance(what, Product) and what.dtype == "f32" and what.sizes[:2] == (1, 1)
    return is_single and 0 < math.prod(what.sizes) <= TINY


def math_texts(kernels):
    """The pieces of runtime/math that these kernels (or a Source) call, each after what it needs itself."""
    texts = {}

    def add(name):
        if name in texts:
            return
        text = (RUNTIME / "math" / f"{name}.h").read_text(encoding="utf-8")
        for line in text.splitlines():
            if line.startswith("// needs:"):
                for needed in line.removeprefix("// needs:").replace(",", " ").split():
                    add(needed)
        texts[name] = text

    for kernel in kernels:
        for name in kernel.functions:
            add(name)
    return list(texts.values())
