"""The lines that fit prints."""

import sys
import time

from pellucid.keras.callbacks.callback import Callback

WIDTH = 20  # of the bar
OFTEN = 0.1  # seconds between two looks of a moving line


class ProgressLines(Callback):
    """Epoch 1/5, and below it a line of figures, which moves in a terminal unless verbose is 2."""

    def __init__(self, verbose):
        super().__init__()
        self.verbose = verbose
        self.began = self.shown = 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self.began = self.shown = time.perf_counter()
        print(f"Epoch {epoch + 1}/{self.params['epochs']}")

    def on_train_batch_end(self, batch, logs=None):
        now = time.perf_counter()
        if self.verbose != 2 and sys.stdout.isatty() and now - self.shown > OFTEN:
            self.shown = now
            print(f"\r{self.bar(batch + 1)} - {said(logs)}", end="", flush=True)

    def on_epoch_end(self, epoch, logs=None):
        seconds = time.perf_counter() - self.began
        steps = self.params["steps"]
        begin = "\r" if self.verbose != 2 and sys.stdout.isatty() else ""
        each = f"{1000 * seconds / steps:.3g}ms/step"
        print(f"{begin}{self.bar(steps)} - {seconds:.1f}s {each} - {said(logs)}", flush=True)

    def bar(self, done):
        """How many of the steps are done."""
        steps = self.params["steps"]
        if self.verbose == 2 or not sys.stdout.isatty():
            return f"{done}/{steps}"
        full = WIDTH * done // steps
        return f"{done}/{steps} {'━' * full}{' ' * (WIDTH - full)}"


def said(logs):
    """The figures in one line."""
    return " - ".join(f"{name}: {value:.4f}" for name, value in (logs or {}).items())
