"""The command line of the benchmarks.

python -m bench --json FILE       measure everything, show tables, keep the figures
python -m bench --fit             measure epochs on all of MNIST, and nothing else
python -m bench --load            measure what another busy process does to a step, and nothing else
python -m bench --docs FILE       make docs/benchmarks.md from such a file; measure nothing
"""

import datetime
import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from bench import fit, load, machine, report
from bench.frameworks import FRAMEWORKS, versions
from bench.rounds import Options, measure
from bench.workloads import GROUPS, WORKLOADS

FORMAT = 2
PAGE = machine.ROOT / "docs" / "benchmarks.md"
BUSY = 0.5  # a load average above this means that other programs compute, too


def chosen_from(known, groups):
    """A callback that reads names between commas, of single ones or of groups, and refuses unknown ones."""

    def read(context, parameter, value):
        if value is None:
            return None
        words = [word.strip() for word in value.split(",") if word.strip()]
        names = [name for word in words for name in groups.get(word, [word])]
        for name in names:
            if name not in known:
                raise click.BadParameter(f"{name!r} is none of {', '.join(known)}.")
        return [name for name in known if name in names]

    return read


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--only",
    metavar="W,...",
    callback=chosen_from(WORKLOADS, GROUPS),
    help="These only; networks and alone name groups.",
)
@click.option("--fw", metavar="F,...", callback=chosen_from(FRAMEWORKS, {}), help="These frameworks only.")
@click.option("--fit", "fitted", is_flag=True, help="Epochs on all of MNIST, data loading included.")
@click.option("--load", "loaded", is_flag=True, help="Steps while another process keeps one core busy.")
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Keep the figures in this file.")
@click.option("--docs", type=click.Path(path_type=Path, exists=True), help="Make docs/benchmarks.md from this file.")
@click.option("--page", type=click.Path(path_type=Path), default=PAGE, hidden=True)
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="How often all take turns.")
@click.option("--seconds", type=click.FloatRange(min=0), default=0.5, show_default=True, help="Each turn's length.")
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--fast", is_flag=True, help="Only see whether everything runs: the figures are worth nothing.")
@click.option("--break", "wrong", metavar="F,...", default="", hidden=True, help="Give these wrong weights (tests).")
def main(only, fw, fitted, loaded, file, docs, page, rounds, seconds, threads, fast, wrong):
    """Train the same networks in Pellucid and in other frameworks, side by side.

    Each workload in each framework is a process of its own; they take turns. A row is void unless its losses equal
    PyTorch's over the first 20 steps from the same weights. Without --only, --fit and --load all is measured.
    """
    if docs:
        write(page, report.page(kept(docs)))
        click.echo(f"written: {page}")
        return
    options = Options(rounds, seconds, threads, wrong=tuple(wrong.split(",")))
    if fast:
        options.rounds, options.seconds, options.rest, options.cold = 2, 0.05, 0.0, False
    everything = only is None and not fitted and not loaded
    names = list(WORKLOADS) if everything else only or []
    found = run(names, fw, options, fast, fitted or everything, loaded or everything)
    click.echo(report.terminal(found))
    if file:
        write(file, json.dumps(found, indent=1) + "\n")
        click.echo(f"written: {file}")


def kept(path):
    """The figures in a file that --json has written."""
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise click.ClickException(f"{path} is not a file of figures of format {FORMAT}.")
    if found["how"]["fast"]:
        raise click.ClickException(f"the figures in {path} were made with --fast and are not for publication.")
    return found


def run(names, chosen, options, fast=False, fitted=False, loaded=False):
    """Measure, between two looks at what the machine can do. Returns all that is kept."""
    chosen = chosen or list(FRAMEWORKS)
    about = machine.describe()
    if about["load"] is not None and about["load"] > BUSY and not fast:
        click.echo(
            f"note: other programs are at work here (load {about['load']}); figures will be uncertain.", err=True
        )

    def say(line):
        click.echo(line, err=True)

    with tempfile.TemporaryDirectory() as folder:
        peaks = [machine.peaks(options.threads, fast, Path(folder))]
        rows = measure(names, chosen, options, say)
        fits = fit.measure(chosen, options, fast, say) if fitted else []
        loads = load.measure(chosen, options, say) if loaded else []
        peaks.append(machine.peaks(options.threads, fast, Path(folder)))
    about["peaks"] = {name: max(peak[name] for peak in peaks) for name in peaks[0]}
    return {
        "format": FORMAT,
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "commit": machine.commit(),
        "versions": versions(),
        "machine": about,
        "how": {"rounds": options.rounds, "seconds": options.seconds, "threads": options.threads, "fast": fast},
        "rows": [asdict(row) for row in rows],
        "fit": [asdict(row) for row in fits],
        "load": [asdict(row) for row in loads],
    }


def write(path, text):
    """Write a file whole or not at all."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    os.replace(unfinished, path)


if __name__ == "__main__":
    main(prog_name="python -m bench")
