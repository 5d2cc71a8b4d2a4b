"""How far training is: a moving bar in a terminal, plain lines everywhere else."""

LINES = 20  # at most about so many lines are printed of a long training, and all of a short one


class Progress:
    """Show the epochs: a bar in a terminal, lines elsewhere. `rich` respects NO_COLOR and the width of the terminal.

    `fit` brings its own (`progress=True`); one made here may write to another console of rich.

    >>> import io, rich.console
    >>> from pellucid import data, models, optim, train
    >>> import pellucid.functional as F
    >>> text = io.StringIO()
    >>> model = models.mlp(2, 4, 2)
    >>> optimizer = optim.SGD(model.parameters(), lr=0.1)
    >>> history = train.fit(
    ...     model, data.xor(), loss=F.cross_entropy, optimizer=optimizer, epochs=3, progress=False,
    ...     callbacks=[Progress(rich.console.Console(file=text))],
    ... )  # fmt: skip
    >>> [line.split()[:2] for line in text.getvalue().splitlines()]
    [['epoch', '1/3'], ['epoch', '2/3'], ['epoch', '3/3']]
    """

    def __init__(self, console=None):
        self.console = console
        self.bar = None

    def start(self, training):
        """Begin the bar, or say where a training goes on."""
        from rich.console import Console

        if self.console is None:
            self.console = Console(highlight=False)
        if training.epoch or training.batch:
            self.console.print(f"going on after epoch {training.epoch}, batch {training.batch}")
        # In a notebook rich needs further packages for a bar; lines serve as well.
        if self.console.is_terminal and not self.console.is_jupyter and not self.console.is_dumb_terminal:
            self.bar = make_bar(self.console)
            total = training.epochs * len(training.loader)
            self.task = self.bar.add_task("", total=total, completed=place(training), figures="")
            self.bar.start()

    def batch(self, training):
        """Move the bar."""
        if self.bar is not None:
            text = f"epoch {training.epoch + 1}/{training.epochs}"
            loss = f"loss {training.means.mean('loss'):.4g}"
            self.bar.update(self.task, completed=place(training), description=text, figures=loss)

    def epoch(self, training):
        """Print the line of an epoch."""
        every = -(-training.epochs // LINES)  # rounded up
        if training.epoch % every == 0 or training.epoch in (1, training.epochs):
            number = f"{training.epoch:>{len(str(training.epochs))}}/{training.epochs}"
            self.console.print(f"epoch {number}  {said(training.history[-1])}", soft_wrap=True)

    def end(self, training):
        """Take the bar away, and say why training ended early."""
        if self.bar is not None:
            self.bar.stop()
        if training.stopped:
            self.console.print(
                f"stopped in epoch {min(training.epoch + 1, training.epochs)}: {training.stopped}", soft_wrap=True
            )


def make_bar(console):
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), TextColumn("{task.fields[figures]}")
    return Progress(*columns, console=console, transient=True)


def place(training):
    """How many batches have been done in all."""
    return training.epoch * len(training.loader) + training.batch


def said(figures):
    """The figures of an epoch in one line."""
    shown = {name: value for name, value in figures.items() if name not in ("epoch", "seconds")}
    parts = [f"{name} {value:.2%}" if "accuracy" in name else f"{name} {value:.4g}" for name, value in shown.items()]
    return "  ".join(parts)
