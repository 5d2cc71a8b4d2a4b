"""Spam is told from its words: which ones, how surely, and what is missed.

    python examples/spam.py --picture spam.png

Each message becomes a row of 0 and 1, one column for each word that five messages of the training part have (a bag: the
order of the words is lost; a number counts by its length). Logistic regression weighs them, p = sigmoid(w x + b), with
the penalty |w|^2 / 2 C n on large weights. A word that only the test part has is not known, as in life. Messages sent
twice are taken once, or the test would ask for what was learned by heart.
(Messages: Almeida, Gomez Hidalgo and Yamakami, "Contributions to the study of SMS spam filtering", 2011.)
"""

import re
from collections import Counter

import numpy as np
from common import folder_of, options

import pellucid as pc
import pellucid.functional as F
from pellucid import data, metrics, nn, optim
from pellucid.view.canvas import BLUE, VERMILLION, new_figure, save, tidy

C = 1.0  # as scikit-learn calls it: how little large weights cost
LEAST = 5  # messages must have a word


def messages(fast):
    """Texts, and labels 1 for spam."""
    folder = folder_of("sms-spam")
    lines = made(2000) if folder is None else (folder / "SMSSpamCollection").read_text(encoding="utf-8").splitlines()
    lines = list(dict.fromkeys(lines))[: 1500 if fast else None]
    kinds, texts = zip(*(line.split("\t", 1) for line in lines), strict=True)
    return np.array(texts), np.array([kind == "spam" for kind in kinds], np.float32)


def made(count):
    """Where the real ones are not: one message in seven draws half of its words from another vocabulary."""
    random, common, bait = np.random.default_rng(0), [f"w{i}" for i in "abcdefghijklmnop"], ["free", "win", "claim"]
    for _ in range(count):
        spam = random.random() < 1 / 7
        words = random.choice(common, 8).tolist() + random.choice(bait if spam else common, 4).tolist()
        yield ("spam\t" if spam else "ham\t") + " ".join(words)


def words_of(text):
    """The words of a message in small letters, each once; numbers by their length; signs that call out."""
    found = re.findall(r"[a-z]+|\d+|[£$!]", text.lower())
    return {f"{len(word)}-digit number" if word.isdigit() else word for word in found}


def bag(texts, vocabulary):
    """0 and 1, (messages, words)."""
    places = {word: place for place, word in enumerate(vocabulary)}
    X = np.zeros((len(texts), len(vocabulary)), np.float32)
    for row, text in enumerate(texts):
        X[row, [places[word] for word in words_of(text) if word in places]] = 1
    return X


def learn(X, Y, steps):
    """Logistic regression on all rows at once."""
    pc.manual_seed(0)
    model = nn.Linear(X.shape[1], 1)
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    X, Y = pc.from_numpy(X), pc.from_numpy(Y)
    for number in range(steps):
        J = F.binary_cross_entropy_with_logits(model(X)[:, 0], Y) + (model.weight**2).sum() / (2 * C * len(X))
        optimizer.zero_grad()
        J.backward()
        optimizer.param_groups[0]["lr"] = 0.1 * (1 - number / steps)
        optimizer.step()
    return model


def draw(scores, labels, telling, path):
    """The most telling words to the left; precision over recall, for all thresholds, to the right."""
    figure = new_figure(8, 3.8)
    left, right = figure.subplots(1, 2)
    names, weights = zip(*reversed(telling), strict=True)
    left.barh(names, weights, color=VERMILLION)
    left.set_xlabel("weight in favour of spam")
    order = np.argsort(-scores)
    caught = np.cumsum(labels[order])
    right.plot(caught / labels.sum(), caught / np.arange(1, len(order) + 1), color=BLUE)
    right.set(xlabel="recall: spam that is caught", ylabel="precision: of what is caught, spam", ylim=(0, 1.02))
    for axes in (left, right):
        tidy(axes)
    save(figure, path)


def main():
    arguments = options(__doc__)
    texts, labels = messages(arguments.fast)
    train_texts, test_texts, train_labels, test_labels = data.train_test_split(texts, labels, stratify=labels)
    counts = Counter(word for text in train_texts for word in words_of(text))
    vocabulary = sorted(word for word, count in counts.items() if count >= LEAST)
    model = learn(bag(train_texts, vocabulary), train_labels, 100 if arguments.fast else 400)
    with pc.no_grad():
        scores = model(pc.tensor(bag(test_texts, vocabulary)))[:, 0].numpy()

    print(f"{len(train_texts)} messages to learn from with {len(vocabulary)} words, {len(test_texts)} to test")
    print(f"always 'no spam'  accuracy {1 - test_labels.mean():.3f}  precision -      recall 0.000")
    figures = metrics.binary_accuracy(scores, test_labels, threshold=0.0)
    share, caught = (measure(scores, test_labels, threshold=0.0) for measure in (metrics.precision, metrics.recall))
    print(f"by its words      accuracy {figures:.3f}  precision {share:.3f}  recall {caught:.3f}")
    weights = sorted(zip(model.weight[0].tolist(), vocabulary, strict=True))
    telling = [(word, weight) for weight, word in weights[::-1][:12]]
    print("speak for spam:  " + ", ".join(f"{word} {weight:+.1f}" for word, weight in telling))
    print("speak against:   " + ", ".join(f"{word} {weight:+.1f}" for weight, word in weights[:8]))
    if arguments.picture:
        draw(scores, test_labels, telling, arguments.picture)


if __name__ == "__main__":
    main()
