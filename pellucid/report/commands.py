"""On the command line: `pellucid report`, `pellucid compare` and `pellucid experiment`."""

from pathlib import Path

import click

from pellucid.shell import how_to_resume, known_recipe

BAYES = click.FloatRange(0, 1, max_open=True)
HELP = "The smallest possible error, or that of a person: 0.02 for 2 %."


@click.command(short_help="A page about a run: figures, pictures, diagnosis.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="The page to write. Default RUN/report.html.")
@click.option("--bayes", type=BAYES, help=HELP)
def report(run, out, bayes):
    """Write the report of RUN, a folder that `train` made: one HTML page, with a diagnosis and what to do next."""
    from pellucid.report.write import written

    path, findings, _ = written(run, out, bayes)
    tell(findings)
    click.echo(f"\n{path}\n  is the report: open it in a browser.")


@click.command(short_help="Runs beside each other: what differs, what came out.")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN RUN...")
@click.option("--html", type=click.Path(path_type=Path), help="Also write it as a page with curves.")
def compare(runs, html):
    """Compare RUNs: the settings that differ, the final figures, the best epochs."""
    from pellucid.report import compare as compared

    if len(runs) < 2:
        raise click.UsageError("give at least two runs: pellucid compare RUN RUN")
    click.echo(compared(runs, html))
    if html is not None:
        click.echo(f"\n{html}\n  is the same as a page: open it in a browser.")


@click.command(short_help="One round of an idea: train, report, compare.")
@click.argument("name")
@click.option("--idea", default="", help="What is tried, in a sentence: it stands in the log.")
@click.option("--goal", default="", help="What is wanted, in a sentence.")
@click.option("--bayes", type=BAYES, help=HELP)
@click.option("--epochs", type=click.IntRange(min=1), help="How often to go through the training data.")
@click.option("--batch-size", type=click.IntRange(min=1), help="How many samples each step sees.")
@click.option("--lr", type=click.FloatRange(min=0, min_open=True), help="The learning rate.")
@click.option("--seed", type=click.IntRange(min=0), help="Same seed, same result. Default 0.")
@click.option("--fast", is_flag=True, help="A few seconds only: less data, fewer epochs.")
@click.option("--out", type=click.Path(path_type=Path), help="The folder to make. Default runs/NAME-TIME.")
def experiment(name, idea, goal, bayes, out, fast, **arguments):
    """Train the recipe NAME, write its report and the log of the experiment, and compare it with the one before.

    The round of idea, code and experiment in one command: the log, experiment.md in the folder of the run, says what
    came out and what to change next.
    """
    from pellucid.report import rounds

    known_recipe(name)
    done = rounds.experiment(name, out, idea=idea, goal=goal, bayes_error=bayes, fast=fast or None, **arguments)
    if done.run.interrupted:
        click.echo(how_to_resume(done.run))
        return 130
    tell(done.findings)
    click.echo(f"\n{done.page}\n  is the report: open it in a browser.")
    click.echo(f"{done.log}\n  is the log: write your next idea into it.")
    if done.comparison:
        click.echo(f"\nBeside the experiment before, {done.before}:\n{done.comparison}")
    return 0


def tell(findings):
    """The diagnosis in short: each finding with its first evidence, and what to do about those that apply."""
    from pellucid.report.write import WORDS

    for finding in findings:
        click.echo(f"{finding.name}: {WORDS[finding.state]}")
        for line in finding.evidence[:1]:
            click.echo(f"  {line}")
        for line in finding.next[:1] if finding.state == "yes" else ():
            click.echo(f"  next: {line}")
