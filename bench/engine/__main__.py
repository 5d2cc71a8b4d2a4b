"""Write all figures and excerpts of docs/engine.md anew: each block between `<!-- made: NAME -->` and `<!-- end -->`.

python -m bench.engine            measure, and write the page (a quiet machine, please: about a minute)
python -m bench.engine --counts   only look at graphs and C: times become question marks, and the page is printed
"""

import re
import sys

from bench import machine
from bench.engine import excerpts as quote
from bench.engine import ladder, measured, products
from bench.engine.measured import figure, key_of, table
from pellucid import ops
from pellucid.fusion.fuse import PASSES
from pellucid.graph.passes.dead import dead
from pellucid.graph.passes.fold import fold
from pellucid.graph.passes.same import same
from pellucid.graph.passes.turn import turn
from pellucid.targets.c.profile import operations, traffic

PAGE = machine.ROOT / "docs" / "engine.md"
BLOCK = re.compile(r"(<!-- made: ([\w -]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
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
            "other steps": self.other_steps(),
        }

    # ---- tables

    def when(self):
        if self.times is None:
            return "Measured on ?"
        peaks, cached = self.times.peaks, self.times.cached
        return (
            f"Measured on {self.times.when}. Peaks: {peaks['gflops']:.0f} GFLOP/s with two threads; "
            f"{peaks['gb_s']:.0f} GB/s to and from memory, {cached:.0f} GB/s for one thread within the caches."
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
        others = list(self.steps)[1:]
        columns = [self.microseconds(step) for step in others]
        rows = [["not compiled", *[cell for times in columns for cell in ("", "", figure(times[0], "µs"))]]]
        for i, rung in enumerate(self.rungs):
            cells = []
            for step, times in zip(others, columns, strict=True):
                program = self.steps[step][i].program
                kernels = len(program.source.kernels)
                cells += [len(program.source.calls), kernels, figure(times[i + 1], "µs")]
            rows.append([rung.name, *cells])
        head = [cell for step in others for cell in ("calls", "kernels", step.title)]
        return table(["what is added", *head], rows)

    def graph_passes(self):
        graph = ladder.recorded(self.mnist)
        rows = [["recorded", *quote.counted(graph)]]
        for name, passes in (("fold", [fold]), ("same", [same]), ("dead", [dead]), ("turn", [turn, dead])):
            for one in passes:
                graph = one(graph)
            rows.append([name, *quote.counted(graph)])
        return table(["after", "nodes", "of them ops"], rows)

    def memory(self):
        """What the arena needs, with and without the two passes over memory, for few kernels and for many."""
        held = ["States in place", "memory shared"]
        rows = []
        for name, passes in (("each op a kernel", ()), ("all passes", PASSES)):
            for label, without in (("neither", held), ("States in place", held[1:]), ("and shared", [])):
                program = ladder.program(ladder.simplify(ladder.recorded(self.mnist)), passes, without)
                copied = sum(commit.buffer.bytes for commit in program.commits) / 1e6
                rows.append([f"{name}, {label}", f"{program.arena_bytes / 1e6:.2f}", f"{copied:.2f}"])
        return table(["MNIST step", "MB of arena", "MB copied at the end"], rows)

    def calls(self):
        """The larger calls of the finished step, on one thread and on two, beside what the machine could do."""
        rows = []
        for call in self.top.source.calls:
            if operations(call) < LARGE:
                continue
            one, two = [None if self.times is None else self.times.calls[n][key_of(call)] for n in measured.THREADS]
            units = getattr(call.what, "units", "")
            work = [f"{operations(call) / 1e6:.1f}", f"{traffic(call) / 1e6:.2f}"]
            times = [figure(one, "µs"), figure(two, "µs"), figure(self.at_peak(call), "µs")]
            rows.append([f"`{quote.brief(self.top, call)}`", units, *work, *times])
        head = ["call", "units", "million operations", "MB", "one thread", "two threads", "at the peaks"]
        return table(head, rows)

    def at_peak(self, call):
        """The microseconds that a call must take: for its arithmetic, or for its memory, whichever is longer."""
        if self.times is None:
            return None
        if not isinstance(call.nodes[0].op, ops.Matmul):
            return traffic(call) / (2 * self.times.cached) / 1e3
        return operations(call) / self.times.peaks["gflops"] / 1e3

    # ---- excerpts

    def graphs(self):
        """Two places of the graph, before and after its passes. (A pass gives the nodes that it keeps new numbers.)"""
        found = {}
        for when, graph in (("before", ladder.recorded(self.mnist)), ("after", self.top.graph)):
            found[f"folded {when}"] = quote.plain(quote.graph_lines(graph, quote.hand_back(graph)))
            found[f"turned {when}"] = quote.plain(quote.graph_lines(graph, quote.around_product(graph, HIDDEN)))
        return found

    def kernels(self):
        bottom, views, join = self.at["each op by itself"], self.at["views"], self.at["join"]
        nests = quote.phases(quote.kernel(self.normed_at["phases"], ops.Log))
        update = [node for node in self.top.graph.nodes if node.spec.shape == HIDDEN]
        update = update[[isinstance(node.op, ops.Matmul) for node in update].index(True) + 1 :]
        return {
            "views before": quote.c(quote.loops(quote.kernel(bottom, ops.Broadcast))),
            "views after": quote.c(quote.loops(quote.kernel(views, ops.Add))),
            "join before": quote.plain(quote.briefs(views, update)),
            "join after": quote.c(quote.loops(quote.kernel(join, ops.Sqrt))),
            "phases before": quote.plain(quote.briefs(join, quote.loss_nodes(join.graph))),
            "phases after": quote.plain(
                quote.briefs(self.at["phases"], quote.loss_nodes(self.at["phases"].graph))
            ),
            **{f"phase {i}": quote.c(nest) for i, nest in enumerate(nests, 1)},
            "parts before": quote.c(quote.loops(quote.kernel(join, ops.Where))),
            "parts after": quote.c(quote.loops(quote.kernel(self.at["parts"], ops.Where))),
            "shared out": quote.c(
                quote.schedule_call(self.top, quote.calls_with(self.top, ops.Sqrt)[0])
            ),
        }

    def multiplications(self):
        cases, rows = products.cases(), []
        for way in (*products.WAYS, *products.RUNTIME_WAYS):
            speeds = [None if self.times is None else self.times.products[case.title, way] for case in cases]
            rows.append([f"`{way}`" if way in products.WAYS else way, *[figure(x, "GFLOP/s") for x in speeds]])
        names = ("three_loops", "tiles", "packed")
        return {
            "products": table(["", *[case.title for case in cases]], rows),
            **{name.replace("_", " "): quote.c(quote.function(products.TEXT, name)) for name in names},
            "tile": quote.c(quote.function(products.TEXT, "tile")),
        }


def page_with(text, blocks):
    """The page with these blocks in place of its own."""
    return BLOCK.sub(lambda found: f"{found[1]}{blocks[found[2]]}\n{found[4]}", text)


def main():
    steps = {step: ladder.ladder(step) for step in (ladder.mnist(), ladder.normed(), ladder.moons())}
    only_counts = "--counts" in sys.argv
    page = Page(steps, None if only_counts else measured.measure(steps))
    text = page_with(PAGE.read_text(encoding="utf-8"), page.blocks())
    if only_counts:
        print(text)
    else:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
