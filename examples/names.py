"""From which language does a name come? Its letters, without their order, tell much; pairs of letters tell more.

    python examples/names.py --picture names.png

Text has no columns: a table of it has to be made first. Here each name becomes a row that counts its letters (a bag of
letters), or its pairs of neighbours, with ^ and $ for beginning and end. A linear layer gives each language a score,
and softmax makes probabilities of the scores. Since most names in the files are of a few languages, each language
counts alike: in the loss by weights, in the figures as the mean over languages (chance is 1 of as many as there are).
(The names were put together by Sean Robertson for a tutorial of PyTorch, 2017; here as in ai-edu, chapter 19.)
"""

from collections import Counter

import numpy as np
from common import folder_of, options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim
from pellucid.view.canvas import BLUE, new_figure, save, tidy

MOST = 400  # names of a language
MADE = {"Vowelish": "aeioumnl", "Hard": "ktrpzgdo", "Soft": "wvfhslae"}  # where the files are not


def names():
    """Names in small letters, and their languages."""
    folder = folder_of("ai-edu")
    random = np.random.default_rng(0)
    if folder is None:
        listed = {language: ["".join(random.choice(list(s), 6)) for _ in range(300)] for language, s in MADE.items()}
    else:
        files = sorted((folder / "names").glob("*.txt"))
        listed = {file.stem: file.read_text(encoding="utf-8").lower().split("\n") for file in files}
    pairs = []
    for language, lines in listed.items():
        own = sorted({line.strip() for line in lines} - {""})  # each name once: none in both parts
        pairs += [(own[row], language) for row in random.permutation(len(own))[:MOST]]
    return zip(*pairs, strict=True)


def neighbours(name):
    return [f"^{name}$"[i : i + 2] for i in range(len(name) + 1)]


def bag(names, cut, columns):
    """How often each of the columns occurs in each name: float32 (names, columns)."""
    X = np.zeros((len(names), len(columns)), np.float32)
    for row, name in enumerate(names):
        for part in cut(name):
            if part in columns:
                X[row, columns[part]] += 1
    return X


def learn(X, Y, classes, steps):
    """A linear layer, all names in each step, each language counting alike."""
    pc.manual_seed(0)
    model = nn.Linear(X.shape[1], classes)
    optimizer = optim.Adam(model.parameters(), lr=0.03, weight_decay=1e-4)
    weight = pc.tensor((len(Y) / classes / np.bincount(Y)).astype(np.float32))
    X, Y = pc.from_numpy(X), pc.from_numpy(Y)
    for _ in range(steps):
        J = F.cross_entropy(model(X), Y, weight=weight)
        optimizer.zero_grad()
        J.backward()
        optimizer.step()
    return model


def draw(languages, recalls, path):
    """How many names of each language are found."""
    figure = new_figure(5, 4.4)
    axes = figure.subplots()
    order = np.argsort(recalls)
    axes.barh([languages[i] for i in order], 100 * recalls[order], color=BLUE)
    axes.axvline(100 / len(languages), color="black", linestyle="--", linewidth=1, label="chance")
    axes.set(xlabel="names whose language is found by pairs, %", xlim=(0, 100))
    tidy(axes)
    axes.grid(visible=False, axis="y")
    axes.legend(frameon=False, loc="lower right")
    save(figure, path)


def main():
    arguments = options(__doc__)
    words, kinds = names()
    languages, labels = np.unique(kinds, return_inverse=True)
    known, tests, Y, y_test = data.train_test_split(np.array(words), labels, stratify=labels)
    print(
        f"{len(known)} names to learn from, {len(tests)} to test,"
        f" {len(languages)} languages; chance {1 / len(languages):.3f}"
    )
    for title, cut in [("letters", list), ("pairs", neighbours)]:
        counts = Counter(part for name in known for part in cut(name))
        columns = {part: place for place, part in enumerate(sorted(part for part in counts if counts[part] >= 3))}
        model = learn(bag(known, cut, columns), Y, len(languages), 100 if arguments.fast else 300)
        with pc.no_grad():
            scores = model(pc.tensor(bag(tests, cut, columns))).numpy()
        taken = metrics.confusion_matrix(scores, y_test)
        recalls = taken.diagonal() / taken.sum(axis=1)
        print(f"{title:8} {len(columns):4} columns  mean share found over languages {recalls.mean():.3f}")
    for language in ("Italian", "Japanese", "Polish"):
        if language in languages:
            best = np.argsort(-model.weight[int(np.flatnonzero(languages == language)[0])].numpy())[:5]
            print(f"{language:9} speaks from {'  '.join(sorted(columns)[place] for place in best)}")
    if arguments.picture:
        draw(languages, recalls, arguments.picture)


if __name__ == "__main__":
    main()
