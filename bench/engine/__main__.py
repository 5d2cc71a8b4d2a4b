"""Write all figures and excerpts of docs/engine.md anew: what stands below a line `<!-- made: NAME -->`.

python -m bench.engine            measure, and write the page (a quiet machine, please: about a minute)
python -m bench.engine --counts   only look at graphs and C: times become question marks, and the page is printed
"""

import re
import sys

from bench import machine
from bench.engine import excerpts as quote
from bench.engine import ladder, measured, picture, products
from bench.engine.measured import figure, key_of, table
from pellucid import ops
from pellucid.fusion.fuse import PASSES
from pellucid.graph.passes.dead import dead
from pellucid.graph.passes.fold import fold
from pellucid.graph.passes.same import same
from pellucid.graph.passes.turn import turn
from pellucid.targets.profile import operations, traffic

PAGE = machine.ROOT / "docs" / "engine.md"
PICTURE = machine.ROOT / "docs" / "pictures" / "engine.png"
BLOCK = re.compile(r"(<!-- made: ([\w -]+) -->)(.*?)(?=\n\n|\Z)", re.DOTALL)  # up to the next empty line
LARGE = 100_000  # operations from which a call has a line of its own in the table of calls
HIDDEN = (512, 784)  # the weights of the first layer


class Page:
    """The blocks of the page. `times` is a Measured, or None."""

    def __init__(self, steps, times):
        self.steps = steps
        self.times = times
        (self.mnist, self.rungs), (self.normed, self.normed_rungs), *_ = steps.items()
        self.at = {rung.name: rung.program for rung in self.rungs}
        self.normed_at = {rung.name: rung.program for rung in self.normed_rungs}
        self.top = self.rungs[-1].program

    def blocks(self):
        """Name -> text."""
        return {
            "when": self.when(),
            "ladder": self.ladder(),
            "graph passes": self.graph_passes(),
            **self.graphs(),
            **self.kernels(),
            "memory": self.memory(),
            **self.multiplications(),
            "calls": self.calls(),
            "roofline": self.roofline(),
            "other steps": self.other_steps(),
        }

    # ---- tables

    def when(self):
        when, arithmetic, memory, caches = "?", None, None, None
        if self.times is not None:
            when, caches = self.times.when, self.times.cached
            arithmetic, memory = self.times.peaks["gflops"], self.times.peaks["gb_s"]
        return (
            f"Measured on {when}.\nPeaks: {figure(arithmetic, 'GFLOP/s')} with two threads, "
            f"{figure(memory, 'GB/s')} to and from memory, {figure(caches, 'GB/s')} for one thread within the caches."
        )

    def microseconds(self, step):
        count = len(self.steps[step]) + 1
        return [None] * count if self.times is None else self.times.steps[step.title]

    def ladder(self):
        first, *rest = self.microseconds(self.mnist)
        rows = [["not compiled", "", "", "", "", figure(first, "µs")]]
        for rung, time in zip(self.rungs, rest, strict=True):
            program = rung.program
            size = f"{program.arena_bytes / 1e6:.2f}"
            counts = [len(program.source.calls), len(program.source.kernels), f"{rung.megabytes:.1f}", size]
            rows.append([rung.name, *counts, figure(time, "µs")])
        return table(["what is added", "calls", "kernels", "MB moved", "MB of arena", "one step"], rows)

    def other_steps(self):
        """Calls, kernels and time of the smaller steps on each rung."""
        others = list(self.steps)[1:]
        rows = [["not compiled", *[figure(self.microseconds(step)[0], "µs") for step in others]]]
        for i, rung in enumerate(self.rungs):
            cells = []
            for step in others:
                source = self.steps[step][i].program.source
                time = figure(self.microseconds(step)[i + 1], "µs")
                cells.append(f"{len(source.calls)} / {len(source.kernels)} / {time}")
            rows.append([rung.name, *cells])
        return table(["calls / kernels / time", *[step.title for step in others]], rows)

    def graph_passes(self):
        graph = ladder.recorded(self.mnist)
        counts = [f"recorded: {len(graph.nodes)}"]
        for name, passes in (("fold", [fold]), ("same", [same]), ("dead", [dead]), ("turn", [turn, dead])):
            for one in passes:
                graph = one(graph)
            counts.append(f"after {name}: {len(graph.nodes)}")
        return f"Nodes of the graph: {', '.join(counts)}."

    def memory(self):
        """What the arena needs, with and without the two passes over memory, for many kernels and for few."""
        held = ["States in place", "memory shared"]
        rows = []
        for name, passes in (("each op a kernel", ()), ("all passes over loops", PASSES)):
            graphs = [ladder.simplify(ladder.recorded(self.mnist)) for _ in range(3)]
            tried = [ladder.program(graph, passes, held[i:]) for i, graph in enumerate(graphs)]
            copied = sum(commit.buffer.bytes for commit in tried[0].commits)
            rows.append([name, *[f"{size / 1e6:.2f}" for size in (copied, *[each.arena_bytes for each in tried])]])
        head = ["MB", "copied at the end", "arena", "after States in place", "and memory shared"]
        return table(head, rows)

    def calls(self):
        """The larger calls of the finished step, on one thread and on two, beside what the machine could do."""
        rows = []
        for call in self.top.source.calls:
            if operations(call) < LARGE:
                continue
            one, two = [None if self.times is None else self.times.calls[n][key_of(call)] for n in measured.THREADS]
            units = getattr(call.what, "units", "")
            work = [f"{operations(call) / 1e6:.1f}", f"{traffic(call) / 1e6:.2f}"]
            ideal = None if self.times is None else at_peak(call, self.times)
            times = [figure(one, "µs"), figure(two, "µs"), figure(ideal, "µs")]
            rows.append([f"`{quote.brief(self.top, call)}`", units, *work, *times])
        head = ["call", "units", "million operations", "MB", "one thread", "two threads", "at the peaks"]
        return table(head, rows)

    def roofline(self):
        """What the step would take if products ran at the machine's peak, and the large update at that of memory."""
        calls = self.top.source.calls
        products = [call for call in calls if isinstance(call.nodes[0].op, ops.Matmul)]
        update = quote.calls_with(self.top, ops.Sqrt)[0]
        ideal = share = None
        if self.times is not None:
            ideal = sum(at_peak(call, self.times) for call in [*products, update])
            share = 100 * ideal / self.times.steps[self.mnist.title][-1]
        work = sum(operations(call) for call in products) / 1e6
        return (
            f"The products of the step are {work:.0f} million operations, the large update moves "
            f"{traffic(update) / 1e6:.1f} MB.\nAt the peaks that takes {figure(ideal, 'µs')}, which is "
            f"{figure(share, '%')} of the time that the step takes."
        )

    # ---- excerpts

    def graphs(self):
        """Two places of the graph, before and after its passes. (A pass gives the nodes that it keeps new numbers.)"""
        made = {"folded": [], "turned": []}
        for when, graph in (("recorded", ladder.recorded(self.mnist)), ("now", self.top.graph)):
            made["folded"] += [f"{when}:", *quote.graph_lines(graph, quote.hand_back(graph))]
            made["turned"] += [f"{when}:", *quote.graph_lines(graph, quote.around_product(graph, HIDDEN))]
        return {name: quote.plain(lines) for name, lines in made.items()}

    def kernels(self):
        views, join, phases = self.at["views"], self.at["join"], self.at["phases"]
        nests = quote.phases(quote.kernel(self.normed_at["phases"], ops.Log))
        update = [node for node in self.top.graph.nodes if node.spec.shape == HIDDEN]
        update = update[[isinstance(node.op, ops.Matmul) for node in update].index(True) + 1 :]
        return {
            "views": quote.c(quote.loops(quote.kernel(views, ops.Add))),
            "join before": quote.plain(quote.in_short(quote.briefs(views, update))),
            "join after": quote.c(quote.loops(quote.kernel(join, ops.Sqrt))),
            "phases": quote.plain(
                [
                    "without phases:",
                    *quote.briefs(join, quote.loss_nodes(join.graph)),
                    "with phases:",
                    *quote.briefs(phases, quote.loss_nodes(phases.graph)),
                ]
            ),
            **{f"phase {i}": quote.c(nest) for i, nest in enumerate(nests, 1)},
            "parts": quote.c(quote.loops(quote.kernel(self.at["parts"], ops.Where))),
            "shared out": quote.c(quote.schedule_call(self.top, quote.calls_with(self.top, ops.Sqrt)[0])),
        }

    def multiplications(self):
        cases, rows = products.cases(), []
        for way in (*products.WAYS, *products.RUNTIME_WAYS):
            speeds = [None if self.times is None else self.times.products[case.title, way] for case in cases]
            rows.append([f"`{way}`" if way in products.WAYS else way, *[figure(x, "GFLOP/s") for x in speeds]])
        return {
            "products": table(["", *[case.title for case in cases]], rows),
            "tile": quote.c(quote.loops(quote.function(products.TEXT, "tile"))),
        }


def at_peak(call, times):
    """The microseconds that a call must take: a product for its arithmetic, a kernel for its memory."""
    if isinstance(call.nodes[0].op, ops.Matmul):
        return operations(call) / times.peaks["gflops"] / 1e3  # one operation takes 1 / peak nanoseconds
    return traffic(call) / (max(measured.THREADS) * times.cached) / 1e3


def all_steps():
    """Each step with its rungs."""
    return {step: ladder.ladder(step) for step in [make() for make in ladder.STEPS]}


def page_with(text, blocks):
    """The page with these blocks in place of its own."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{blocks[found[2]]}", text)


def main():
    steps = all_steps()
    only_counts = "--counts" in sys.argv
    page = Page(steps, None if only_counts else measured.measure(steps))
    text = page_with(PAGE.read_text(encoding="utf-8"), page.blocks())
    if only_counts:
        print(text, end="")
    else:
        PAGE.write_text(text, encoding="utf-8")
        picture.draw(page.times.shares, [rung.name for rung in page.rungs[:-1]], PICTURE)


if __name__ == "__main__":
    main()
