"""Run folders made by hand, whose histories and answers are known."""

from html.parser import HTMLParser

import numpy as np

from pellucid import nn, report
from pellucid.train import Run


def made(folder, history=None, name="mine", **arguments):
    """A run of one's own with this history."""
    run = Run.create(name, arguments, folder)
    for epoch, figures in enumerate(history or falling(), start=1):
        run.append({"epoch": epoch, **figures, "seconds": 0.5})
    return run


def falling(epochs=10, gap=0.02):
    """Losses that fall and come to rest, the validation a little above."""
    losses = [0.05 + 2.0 * 0.3**epoch for epoch in range(epochs)]
    return [{"loss": loss, "val_loss": loss + gap} for loss in losses]


def scores_of(y, classes, wrong, seed=0, sure=4.0):
    """Scores (n, classes) that are right but for the rows `wrong`, which are taken for the next class."""
    random = np.random.default_rng(seed)
    scores = random.normal(0, 0.3, (len(y), classes)).astype(np.float32)
    answers = y.copy()
    answers[wrong] = (y[wrong] + 1) % classes
    scores[np.arange(len(y)), answers] += sure
    return scores


def part(n, share_wrong, classes=3, seed=0, sure=4.0):
    """A part (scores, labels) in which this share of the answers is wrong; the model is nn.Identity."""
    y = np.arange(n) % classes
    wrong = np.random.default_rng(seed).choice(n, round(share_wrong * n), replace=False)
    return scores_of(y, classes, wrong, seed, sure), y


def with_answers(run, **parts):
    """The same run, with the answers of a model that answers what it is given."""
    report.keep(run, nn.Identity(), **parts)
    return run


class Seen(HTMLParser):
    """The tags, the words and the tables of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self.rows, self.here, self.depth = [], [], [], None, []
        self.feed(text)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        self.here = tag

    def handle_data(self, data):
        if self.here not in ("style", "script"):
            self.words.append(data)
        if self.here in ("td", "th") and self.rows and data.strip():
            self.rows[-1].append(data)


def page_of(run, **options):
    return Seen(report.write(run, **options).read_text(encoding="utf-8"))
