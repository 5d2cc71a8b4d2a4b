"""From rows to tables: on the terminal, and as docs/benchmarks.md."""

from bench.frameworks import FRAMEWORKS, OUR_FAMILY, OURS
from bench.workload import CHECKED_STEPS, REPEATED_STEPS
from bench.workloads import WORKLOADS

COLUMNS = (
    "framework", "kind", "median ms", "min ms", "first step s", "again s", "peak MB", "GFLOP/s", "share", "time / ours",
)  # fmt: skip

PAGE = """# Benchmarks

Made by `python -m bench`; do not edit. Milliseconds for one step: the median of {rounds} rounds of {seconds:g} s. In a
round all frameworks take turns, each in a process of its own with {threads} threads. Ratios above 1 mean that Pellucid
is faster; differences under a fifth are not resolved.

Measured on {date}: {machine}.

Versions: {versions}; sources {commit}.

{summary}

**A row is void**, and no ratio is made of it, unless its losses equal PyTorch's up to and including the one after
{checked} steps, from the same weights and batches. Each workload's tolerance, relative, stands below.

**Kinds.** *train*: one call a step; *repeat*: {repeated} steps in one call (Pellucid's `step.repeat`, JAX's
`lax.scan`); *infer*: one answer, from a NumPy array to a NumPy array.

**Columns.** *first step s*: import, building, compiling and the first step, with an empty cache; *again s*: the same in
a new process that finds the compiled files on disk, for frameworks that keep some. *peak MB*: the most memory the
process has had. *GFLOP/s*: operations of the matrix products, as each workload's file counts them, per second.
*share*: the part of the time for which the machine would have been busy at its measured peaks of arithmetic or memory.
*time / ours*: above 1 Pellucid is faster.

{frameworks}"""


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
            number(row["gflops"]) if counts else "-",
            percent(share(row, peaks)) if counts else "-",
            number(row["median_ms"] / ours["median_ms"]) if ours and counts else "-",
        ])  # fmt: skip
    return table, remarks


def names_in(rows):
    """The workloads that were measured, in their order."""
    return list(dict.fromkeys(row["workload"] for row in rows))


def terminal(report):
    """The tables as text with columns."""
    rows, machine = report["rows"], report["machine"]
    out = []
    for name in names_in(rows):
        out += ["", f"{name}: {WORKLOADS[name].title}"]
        table, remarks = lines_of(rows, name, machine["peaks"])
        if table:
            widths = [max(len(line[i]) for line in [COLUMNS, *table]) for i in range(len(COLUMNS))]
            for line in [COLUMNS, *table]:
                cells = [c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))]
                out.append("  " + "  ".join(cells).rstrip())
        out += [f"  {remark}" for remark in remarks]
        for kind in WORKLOADS[name].kinds:
            value, peer = ratio(rows, name, kind), best_peer(rows, name, kind)
            if value and peer:
                out.append(f"  best peer / ours, {kind}: {value:.2f} ({peer['framework']})")
    out += ["", machine_line(machine), versions_line(report)]
    return "\n".join(out)


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


def page(report):
    """docs/benchmarks.md."""
    rows, machine, how = report["rows"], report["machine"], report["how"]
    summary = []
    for name in names_in(rows):
        for kind in WORKLOADS[name].kinds:
            ours, peer = counted(rows, name, kind).get(OURS), best_peer(rows, name, kind)
            value = ratio(rows, name, kind)
            summary.append([
                f"{name}, {kind}",
                number(ours["median_ms"]) if ours else "-",
                f"{number(peer['median_ms'])} ({peer['framework']})" if peer else "-",
                f"{value:.2f}" if value else "-",
                percent(share(ours, machine["peaks"])) if ours else "-",
            ])  # fmt: skip
    header = ["workload", "Pellucid ms", "best peer ms", "best peer / Pellucid", "share of peak"]
    out = [
        PAGE.format(
            **how,
            date=report["date"],
            machine=machine_line(machine),
            versions=versions_line(report),
            commit=report["commit"] or "without version control",
            summary="\n".join(markdown_table(header, summary)),
            checked=CHECKED_STEPS,
            repeated=REPEATED_STEPS,
            frameworks="\n".join([f"- `{name}`: {framework.what}" for name, framework in FRAMEWORKS.items()]),
        )
    ]
    for name in names_in(rows):
        workload = WORKLOADS[name]
        table, remarks = lines_of(rows, name, machine["peaks"])
        traffic = f", {workload.bytes / 1e6:.3g} MB" if workload.bytes else ""
        about = f"{workload.title[0].upper()}{workload.title[1:]}. One step: {workload.flops / 1e6:.3g} MFLOP{traffic}."
        out += [f"## {name}", f"{about} Tolerance {workload.tolerance:.0e}."]
        out += ["\n".join(markdown_table(list(COLUMNS), table))] if table else []
        out += ["\n".join([f"- {remark}" for remark in remarks])] if remarks else []
    return "\n\n".join(out) + "\n"
