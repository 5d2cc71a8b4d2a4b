"""The command line: train, resume, tune, predict, report, compare, experiment, explain, workshop, course and more.

Errors end as their message and an exit code (1: it could not be done; 2: it was asked wrongly; 130: Ctrl-C), never as a
traceback.
"""

import sys
from pathlib import Path

import click

import pellucid
from pellucid.course.commands import course
from pellucid.errors import PellucidError
from pellucid.report import commands as reports
from pellucid.shell import how_to_resume, known_recipe, program, quoted, shortened
from pellucid.workshop.commands import workshop

READING_ORDER = (
    "engine.py",
    "walk.py",
    "ops/elementwise.py",
    "tensors/core.py",
    "functional/losses.py",
    "nn/linear.py",
    "optim/sgd.py",
    "train/loop.py",
)


def main(arguments=None):
    """Run one command and leave the program with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter shows a question mark instead
    try:
        code = command.main(arguments, prog_name="pellucid", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except PellucidError as error:
        complain(
            f"{type(error).__name__}: {error.message}", error.remedy, f"{program()} explain {type(error).__name__}"
        )
    except OSError as error:  # a full disk, a folder that may not be written to
        complain(f"{type(error).__name__}: {error}")
    except (KeyboardInterrupt, click.Abort):
        click.echo("broken off", err=True)
        sys.exit(130)


def complain(message, remedy=None, help_command=None):
    """Say what is wrong, on the error stream, and end with code 1."""
    click.echo(message, err=True)
    if remedy:
        click.echo(f"  {remedy}", err=True)
    if help_command:
        click.echo(f"  help: {help_command}", err=True)
    sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(pellucid.__version__, prog_name="pellucid")
def command():
    """Deep learning you can see through."""


command.add_command(workshop)
command.add_command(course)
command.add_command(reports.report)
command.add_command(reports.compare)
command.add_command(reports.experiment)


@command.command()
@click.argument("name", required=False)
@click.option("--epochs", type=click.IntRange(min=1), help="How often to go through the training data.")
@click.option("--batch-size", type=click.IntRange(min=1), help="How many samples each step sees.")
@click.option("--lr", type=click.FloatRange(min=0, min_open=True), help="The learning rate.")
@click.option("--seed", type=click.IntRange(min=0), help="Same seed, same result. Default 0.")
@click.option("--out", type=click.Path(path_type=Path), help="The folder to make. Default runs/NAME-TIME.")
@click.option("--fast", is_flag=True, help="A few seconds only: less data, fewer epochs.")
@click.option("--resume", "run", type=click.Path(path_type=Path), help="Go on with the run in this folder.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Begin with the arguments of a run's config.json, or of best.json.",
)
def train(name, run, config, out, fast, **arguments):
    """Train a network.

    NAME is digits, iris, xor, mnist, lenet, fashion, fashion-cnn, cifar10, cifar10-small or finetune.
    """
    from pellucid import recipes

    if run is not None:
        if name or out or fast or config or any(value is not None for value in arguments.values()):
            raise click.UsageError("a run goes on with the arguments that it began with: --resume stands alone.")
        return go_on(run)
    if config is not None:
        recipe, kept = recipes.configuration(config)
        if name not in (None, recipe):
            raise click.UsageError(f"{config} is of the recipe {recipe}, and {name} was asked for.")
        given = {key: value for key, value in arguments.items() if value is not None}
        name, arguments, fast = recipe, kept | given, fast or kept.get("fast")
        arguments.pop("fast", None)
    if name is None:
        raise click.UsageError(f"which network? Give one of {', '.join(recipes.NAMES)}.")
    known_recipe(name)
    return report(recipes.start(name, out, fast=fast or None, **arguments))


@command.command()
@click.argument("run", type=click.Path(path_type=Path))
def resume(run):
    """Go on with an interrupted RUN, a folder that `train` made."""
    return go_on(run)


def go_on(folder):
    """Resume the run in a folder."""
    from pellucid import recipes
    from pellucid.train import Run

    run = Run.open(folder)
    if run.finished:
        click.echo(f"{folder} is finished already: there is nothing to go on with.")
        click.echo(f"Its figures are in {folder / 'metrics.json'}.")
        return 0
    for difference in run.differences():
        click.echo(f"note: {difference}; the last bits of the result may differ from those of an unbroken run.")
    return report(recipes.resume(folder))


def report(outcome):
    """Say how good the network is, what was kept, and what to do next."""
    from pellucid import recipes

    run, result = outcome.run, outcome.result
    if run.interrupted:
        click.echo(how_to_resume(run))
        return 130
    recipe = recipes.find(run.config["recipe"])
    if getattr(recipe, "WHOLE_TRUTH", False):
        click.echo(f"\nRight answers: {result.test['accuracy']:.2%} of all {len(result.y_test)} points there are.")
    else:
        click.echo(
            f"\nTest accuracy: {result.test['accuracy']:.2%} of {len(result.y_test)} samples that were kept aside."
        )
    width = max([len(str(path)) for path in outcome.pictures], default=0)
    for path, text in outcome.pictures.items():
        click.echo(f"  {path!s:<{width}}  {text}")
    examples = [quoted(example) for example in outcome.samples]
    click.echo("\nWhat to do next:")
    click.echo(f"  look     at the pictures above; all of the run is in {run.folder}")
    click.echo(f"  predict  {program()} predict {quoted(run.folder)} {' '.join(examples)}")
    click.echo(f"  judge    {program()} report {quoted(run.folder)}")
    click.echo(f"  ask      {program()} explain cross_entropy")
    here = Path("pellucid")  # who stands in the source reads it there, whichever copy of it runs
    source = here if (here / READING_ORDER[0]).is_file() else shortened(Path(pellucid.__file__).parent)
    click.echo(f"  read     in {source}, in this order:")
    click.echo(f"           {', '.join(READING_ORDER)}")
    return 0


@command.command(short_help="Search good settings of a recipe.")
@click.argument("name", required=False)
@click.option("--trials", type=click.IntRange(min=1), help="How many trainings. Default 20.")
@click.option(
    "--sampler",
    type=click.Choice(["tpe", "random", "grid"]),
    help="How settings are chosen. Default tpe, which learns.",
)
@click.option("--vary", multiple=True, metavar="WHAT", help="lr=0.001:0.1 (a range) or batch_size=16,32 (choices).")
@click.option("--by", help="The figure that judges. Default val_loss, or loss where nothing is held back.")
@click.option("--epochs", type=click.IntRange(min=1), help="How often each training goes through its data.")
@click.option("--seed", type=click.IntRange(min=0), help="Same seed, same trials. Default 0.")
@click.option("--out", type=click.Path(path_type=Path), help="The folder to make. Default runs/tune-NAME-TIME.")
@click.option("--fast", is_flag=True, help="Less data and fewer epochs in each trial.")
@click.option("--resume", "search", type=click.Path(path_type=Path), help="Go on with the search in this folder.")
def tune(name, search, trials, out, fast, **asked):
    """Train the recipe NAME again and again with other settings, and keep the best (digits, iris, xor, mnist, ...)."""
    from pellucid import recipes
    from pellucid.recipes import tune

    if search is not None:
        if name or out or fast or any(value not in (None, ()) for value in asked.values()):
            raise click.UsageError("a search goes on as it began: beside --resume there is --trials only.")
        return tuned(tune.go_on(search, trials, tell=click.echo))
    if name is None:
        raise click.UsageError(f"which recipe? Give one of {', '.join(recipes.NAMES)}.")
    known_recipe(name)
    given = {key: value for key, value in asked.items() if value is not None}
    return tuned(tune.tune(name, out, trials=trials or 20, fast=fast or None, tell=click.echo, **given))


def tuned(found):
    """Say which settings were best, and what to do next."""
    if found.interrupted:
        click.echo(f"\nInterrupted after {len(found.trials)} trials. Go on with:")
        click.echo(f"  {program()} tune --resume {quoted(found.folder)}")
        return 130
    if found.best is None:
        click.echo(
            f"\nAll {len(found.trials)} trials failed: see what was said of them, and try smaller learning rates."
        )
        return 1
    click.echo(
        f"\nBest of {len(found.trials)} trials: {found.by} {found.best.figure:.5g} in trial {found.best.number}."
    )
    click.echo(f"  {found.folder / 'trials.png'}  all trials")
    click.echo(f"  {found.folder / 'best.json'}  the best settings. Train with them:")
    click.echo(f"  {program()} train --config {quoted(found.folder / 'best.json')}")
    return 0


# Unknown options are let through so that -1.5 is a number, not an option.
@command.command(
    short_help="What a trained network sees in pictures.", context_settings={"ignore_unknown_options": True}
)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("inputs", nargs=-1, metavar="IMAGE...")
def predict(run, inputs):
    """Ask the network of RUN what it sees: image files, or numbers for iris and xor."""
    from pellucid import recipes

    answers = recipes.predict(run, inputs)
    width = max([len(answer.name) for answer in answers])
    for answer in answers:
        first = f"{answer.answer} ({answer.probability:.1%})"
        click.echo(f"{answer.name:<{width}}  {first}; next {answer.second} ({answer.second_probability:.1%})")


@command.command(short_help="Explain an operation, a layer, a loss, an error ...")
@click.argument("name")
@click.option(
    "--lang", type=click.Choice(["en", "zh"]), help="The language of an error's page. Default: your system's."
)
def explain(name, lang):
    """Explain NAME: an operation, function, layer, loss, optimizer, metric or error."""
    from pellucid import explain
    from pellucid.workshop.language import language

    click.echo(explain.page(name, language(lang)))


@command.command(short_help="Build the reference of all public names as pages.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("reference"), help="The folder to make. Default: reference."
)
def reference(out):
    """Write a page for every public name, with its example run, into a folder that needs neither server nor network."""
    from pellucid import reference
    from pellucid.course.commands import need

    need("pygments", "building the reference")
    index, wrong = reference.build(out, tell=click.echo)
    for name, example in wrong:
        click.echo(f"{name}: its example gave something else than its docstring says: {example.came!r}", err=True)
    click.echo(f"Open {index} in a browser.")
    return 1 if wrong else 0


@command.command()
def doctor():
    """Look at this computer and say what works."""
    from pellucid import doctor

    findings = doctor.examine()
    click.echo(doctor.as_text(findings))
    return 0 if all(finding.state != "missing" for finding in findings) else 1
