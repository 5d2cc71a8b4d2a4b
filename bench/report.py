"""From rows to tables: on the terminal, and as docs/benchmarks.md."""

from bench import fit, load
from bench.frameworks import FRAMEWORKS, OUR_FAMILY, OURS
from bench.workload import CHECKED_STEPS, REPEATED_STEPS
from bench.workloads import WORKLOADS

COLUMNS = (
    "framework", "kind", "median ms", "min ms", "first step s", "again s", "peak MB", "GFLOP/s", "share", "time / ours",
)  # fmt: skip

SUMMARY = ("workload", "Pellucid ms", "best peer ms", "best peer / Pellucid", "goal", "share of peak")

PAGE = """# Benchmarks

Made by `python -m bench`; do not edit. Milliseconds for one step: the median of {rounds} rounds of {seconds:g} s. In a
round all frameworks take turns, each in a process of its own with {threads} threads. Ratios above 1 mean that Pellucid
is faster; differences under a fifth are not resolved.

Measured on {date}: {machine}.

Versions: {versions}; sources {commit}.

{summary}

**A row is void**, and no ratio is made of it, unless its losses equal PyTorch's up to and including the one after
{checked} steps, from the same weights and batches. Each workload's tolerance, relative, stands below, with the number
of steps where it is another one.

**Kinds.** *train*: one call a step; *repeat*: {repeated} steps in one call (Pellucid's `step.repeat`, JAX's
`lax.scan`); *infer*: one answer, from a NumPy array to a NumPy array.

**Columns.** *first step s*: import, building, compiling and the first step, with an empty cache; *again s*: the same in
a new process that finds the compiled files on disk, for frameworks that keep some. *peak MB*: the most memory the
process has had. *GFLOP/s*: operations of the matrix products, as each workload's file counts them, per second.
*share*: the part of the time for which the machine would have been busy at its measured peaks of arithmetic or memory.
*time / ours*: above 1 Pellucid is faster.

{frameworks}"""

FIT = """## fit on MNIST

Seconds for an epoch of 784-512-10 over the 60 000 pictures, batch 128, Adam, with everything between two epochs:
shuffling, taking batches out of arrays in memory, steps, means of the loss. The median of {rounds} epochs after a first
one for warming up, in which the epochs of all take turns. A row is void if its network recognises less than
{learned:.0%} of the test pictures after all epochs. Goal: {goal:g} times faster than the best peer."""

LOAD = """## Beside another process

Milliseconds for one step alone, and while another process keeps one of the cores busy: medians of {rounds} turns of
each, one after the other. *idle*: the part of a core that the process uses while it sleeps after a step. Goal: less
than {goal:g} times slower, and nothing while idle."""

ALONE = """## Operations alone

Milliseconds for one call, forward and backward where there is a backward. All arrays lie ready, and results go into
memory that is kept, or that the framework makes. They are compared with PyTorch's, array by array. *torch*: as the
tutorials write it (products and attention make fresh memory; Adam goes tensor by tensor); *torch_tuned*: the quickest
form that PyTorch has (`out=`, `scaled_dot_product_attention`, `fused=True`), where it is another one. *share of peak*:
of arithmetic for products and attention, of memory (each array read or written once) for the others; arrays that stay
in caches can pass 100%."""


def counted(rows, name, kind):
    """The rows of a workload and kind whose figures count, by framework."""
    return {
        row["framework"]: row
        for row in rows
        if (row["workload"], row["kind"], row["status"]) == (name, kind, "ok") and row["median_ms"]
    }


def best_peer(rows, name, kind):
    """The fastest row that is not Pellucid's, or None."""
    peers = [row for framework, row in counted(rows, name, kind).items() if framework not in OUR_FAMILY]
    return min(peers, key=lambda row: row["median_ms"], default=None)


def ratio(rows, name, kind):
    """Best peer's time / ours: above 1 Pellucid is faster. None where either does not count."""
    ours, peer = counted(rows, name, kind).get(OURS), best_peer(rows, name, kind)
    return peer["median_ms"] / ours["median_ms"] if ours and peer else None


def share(row, peaks):
    """The part of the time for which the machine, at its measured peaks, would have been busy with this step.

    What limits a step is either arithmetic or memory: the larger of the two counts.
    """
    workload = WORKLOADS[row["workload"]]
    least = max(workload.flops / peaks["gflops"], workload.bytes / peaks["gb_s"]) / 1e6  # milliseconds
    return least / row["median_ms"]


def number(value):
    """Three digits that count; a dash for nothing."""
    if value is None:
        return "-"
    if value == 0 or not 1e-4 <= abs(value) < 1e5:
        return f"{value:.2g}"
    digits = max(0, 2 - len(f"{abs(value):.0f}") + 1) if abs(value) >= 1 else 3
    return f"{value:.{digits}f}" if abs(value) >= 0.1 else f"{value:.3g}"


def percent(value):
    return f"{value:.0%}" if value >= 0.095 else f"{value:.1%}" if value >= 0.0005 else "< 0.1%"


def lines_of(rows, name, peaks):
    """The rows of one workload as lists of words, and remarks on those without figures."""
    table, remarks = [], []
    for row in rows:
        if row["workload"] != name:
            continue
        label = f"{row['framework']}, {row['kind']}"
        if row["status"] != "ok":
            status = "VOID" if row["status"] == "void" else row["status"]
            remarks.append(f"{label}: {status}: {row['reason']}")
        if row["median_ms"] is None:
            continue
        ours = counted(rows, name, row["kind"]).get(OURS)
        counts = row["status"] == "ok"
        table.append([
            row["framework"] + (f" ({row['target']})" if row["framework"] == OURS else ""),
            row["kind"] if counts else f"{row['kind']} VOID",
            number(row["median_ms"]),
            number(row["min_ms"]),
            number(row["first_s"]),
            number(row["first_warm_s"]),
            number(row["rss_mb"]),
            number(row["gflops"] or None) if counts else "-",
            percent(share(row, peaks)) if counts else "-",
            number(row["median_ms"] / ours["median_ms"]) if ours and counts else "-",
        ])  # fmt: skip
    return table, remarks


def names_in(rows):
    """The workloads that were measured, in their order."""
    return list(dict.fromkeys(row["workload"] for row in rows))


def terminal(report):
    """The tables as text."""
    rows, machine = report["rows"], report["machine"]
    out = []
    for name in names_in(rows):
        out += ["", f"{name}: {WORKLOADS[name].title}"]
        out += text_table(COLUMNS, *lines_of(rows, name, machine["peaks"]), words=2)
        for kind in WORKLOADS[name].kinds:
            value, peer = ratio(rows, name, kind), best_peer(rows, name, kind)
            if value and peer:
                goal = f", goal {WORKLOADS[name].goal:g}" if kind == WORKLOADS[name].kinds[0] else ""
                out.append(f"  best peer / ours, {kind}: {value:.2f} ({peer['framework']}{goal})")
    for title, table in (("fit on MNIST", fit_table(report["fit"])), ("load", load_table(report["load"]))):
        if table[1] or table[2]:
            out += ["", f"{title}:", *text_table(*table)]
    out += ["", machine_line(machine), versions_line(report)]
    return "\n".join(out)


def text_table(header, lines, remarks, words=1):
    """Lines with columns, of which the first are words and the others numbers; then the remarks."""
    out = []
    if lines:
        widths = [max(len(line[i]) for line in [header, *lines]) for i in range(len(header))]
        for line in [header, *lines]:
            cells = [c.ljust(w) if i < words else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))]
            out.append("  " + "  ".join(cells).rstrip())
    return out + [f"  {remark}" for remark in remarks]


def machine_line(machine):
    peaks = machine["peaks"]
    load = "" if machine["load"] is None else f"; load {machine['load']} before the run"
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}; measured peaks: "
        f"{peaks['gflops']:.0f} GFLOP/s, {peaks['gb_s']:.1f} GB/s{load}"
    )


def versions_line(report):
    return ", ".join(f"{name} {version}" for name, version in report["versions"].items() if version)


def markdown_table(header, lines):
    """A table of Markdown. The first column is words, the others are numbers."""
    rule = ["---"] + ["--:"] * (len(header) - 1)
    return ["| " + " | ".join(line) + " |" for line in [header, rule, *lines]]


def summary_line(rows, name, kind, peaks):
    """A workload and kind in one line: ours, the best peer, how they compare, and how they should."""
    ours, peer = counted(rows, name, kind).get(OURS), best_peer(rows, name, kind)
    value, workload = ratio(rows, name, kind), WORKLOADS[name]
    return [
        name if workload.group == "alone" else f"{name}, {kind}",
        number(ours["median_ms"]) if ours else "-",
        f"{number(peer['median_ms'])} ({peer['framework']})" if peer else "-",
        f"{value:.2f}" if value else "-",
        f"{workload.goal:g}" if kind == workload.kinds[0] else "-",
        percent(share(ours, peaks)) if ours else "-",
    ]


def alone_table(rows, peaks):
    """The operations alone: a line each, with the milliseconds of all who have figures, and remarks on the others."""
    names = [name for name in names_in(rows) if WORKLOADS[name].group == "alone"]
    peers = [name for name in FRAMEWORKS if name != OURS and any(name in counted(rows, n, "alone") for n in names)]
    lines, remarks = [], []
    for name in names:
        found = counted(rows, name, "alone")
        first, ours, _, *rest = summary_line(rows, name, "alone", peaks)
        lines.append(
            [first, ours, *[number(found[peer]["median_ms"]) if peer in found else "-" for peer in peers], *rest]
        )
        bad = [row for row in rows if row["workload"] == name and row["status"] not in ("ok", "left out")]
        remarks += [f"{name}: {row['framework']}: {row['status']}: {row['reason']}" for row in bad]
    return [SUMMARY[0], OURS, *peers, *SUMMARY[3:]], lines, remarks


def fit_table(rows):
    """The epochs on all of MNIST: who, seconds, how good, and how ours compares."""
    counts = {row["framework"]: row for row in rows if row["status"] == "ok"}
    ours = counts.get(OURS)
    lines = [
        [
            row["framework"],
            number(row["median_s"]),
            number(row["min_s"]),
            number(row["first_s"]),
            number(row["rss_mb"]),
            f"{row['accuracy']:.2%}",
            number(row["median_s"] / ours["median_s"]) if ours else "-",
        ]
        for row in counts.values()
    ]
    remarks = [f"{row['framework']}: {row['status']}: {row['reason']}" for row in rows if row["status"] != "ok"]
    header = ["framework", "median s", "min s", "first epoch s", "peak MB", "test accuracy", "time / ours"]
    return header, lines, remarks


def load_table(rows):
    """Steps alone and beside another process."""
    lines = [
        [
            f"{row['workload']}, {row['framework']}",
            number(row["alone_ms"]),
            number(row["loaded_ms"]),
            f"{row['slower']:.2f}",
            percent(row["idle_part"]),
        ]
        for row in rows
        if row["status"] == "ok"
    ]
    bad = [row for row in rows if row["status"] != "ok"]
    remarks = [f"{row['workload']}, {row['framework']}: {row['status']}: {row['reason']}" for row in bad]
    return ["workload, framework", "alone ms", "beside it ms", "times slower", "idle"], lines, remarks


def section(text, table, after=""):
    """A chapter of the page; nothing if there is nothing to say."""
    header, lines, remarks = table
    if not lines and not remarks:
        return []
    parts = [
        text,
        "\n".join(markdown_table(header, lines)) if lines else "",
        "\n".join([f"- {r}" for r in remarks]),
        after,
    ]
    return [part for part in parts if part]


def page(report):
    """docs/benchmarks.md."""
    rows, machine, how = report["rows"], report["machine"], report["how"]
    networks = [name for name in names_in(rows) if WORKLOADS[name].group == "networks"]
    summary = [summary_line(rows, name, kind, machine["peaks"]) for name in networks for kind in WORKLOADS[name].kinds]
    out = [
        PAGE.format(
            **how,
            date=report["date"],
            machine=machine_line(machine),
            versions=versions_line(report),
            commit=report["commit"] or "without version control",
            summary="\n".join(markdown_table(list(SUMMARY), summary)),
            checked=CHECKED_STEPS,
            repeated=REPEATED_STEPS,
            frameworks="\n".join([f"- `{name}`: {framework.what}" for name, framework in FRAMEWORKS.items()]),
        )
    ]
    alone = alone_table(rows, machine["peaks"])
    titles = "; ".join([f"`{line[0]}`: {WORKLOADS[line[0]].title}" for line in alone[1]])
    out += section(ALONE, alone, f"What they are: {titles}.")
    out += section(FIT.format(**how, learned=fit.LEARNED, goal=fit.GOAL), fit_table(report["fit"]))
    out += ["\n".join([f"- `{name}`: {what}" for name, what in fit.WHO.items()])] if report["fit"] else []
    out += section(LOAD.format(**how, goal=load.GOAL), load_table(report["load"]))
    for name in networks:
        workload = WORKLOADS[name]
        table, remarks = lines_of(rows, name, machine["peaks"])
        traffic = f", {workload.bytes / 1e6:.3g} MB" if workload.bytes else ""
        about = f"{workload.title[0].upper()}{workload.title[1:]}. One step: {workload.flops / 1e6:.3g} MFLOP{traffic}."
        steps = "" if workload.checked_steps == CHECKED_STEPS else f" after {workload.checked_steps} steps"
        out += [f"## {name}", f"{about} Tolerance {workload.tolerance:.0e}{steps}."]
        out += ["\n".join(markdown_table(list(COLUMNS), table))] if table else []
        out += ["\n".join([f"- {remark}" for remark in remarks])] if remarks else []
    return "\n\n".join(out) + "\n"
