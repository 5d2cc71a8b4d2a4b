"""What our own answers come to: the first right answer says what is expected, wrong ones are for recognizing mistakes.

They are played in a process of their own, beside the learner's, in the same way.
"""

from pellucid.errors import ArgumentError, PellucidError
from pellucid.workshop import table
from pellucid.workshop.process import Process

QUIET = 10.0  # seconds without an outcome after which an answer counts as one that does not end
ENDLESS = 1.0  # the same for one of which we know that it does not


def text_of(piece, wrong):
    """The text of a wrong answer: one of its own, or the first right answer with some text replaced."""
    if wrong.source:
        return wrong.source
    text = piece.right[0]
    for old, new in wrong.edits:
        if text.count(old) != 1:
            raise ArgumentError(f"{piece.name}, {wrong.name}: {old!r} stands {text.count(old)} times in the answer.")
        text = text.replace(old, new)
    return text


def right_texts(names):
    """The first right answers of these pieces: {name: (text, file name)}."""
    return {name: (table.piece(name).right[0], f"<solution of {name}>") for name in names}


class Referee:
    """Plays the right answer and then the wrong ones. It begins at once, and keeps what it has found."""

    def __init__(self, piece):
        self.piece = piece
        self.found = {}  # name of the answer -> its outcomes; "" is the right one
        self.quiet = QUIET
        self.left = [("", piece.right[0])]
        self.left += [(wrong.name, text_of(piece, wrong)) for wrong in piece.wrong if wrong.ends]
        self.process = None
        self.start()

    def start(self):
        """Play what is left."""
        job = {
            "home": table.HOME, "piece": self.piece.name, "answers": self.left, "rounds": 0,
            "ancestors": right_texts(table.ancestors(self.piece.name)), "filename": "", "places": {},
        }  # fmt: skip
        self.process = Process(job, seconds=60.0, megabytes=self.piece.megabytes, quiet_for=self.quiet)

    def expected(self):
        """The outcomes of the right answer."""
        if "" not in self.found:
            last = len(self.piece.cases) - 1
            self.process.wait_for(lambda record: record["kind"] == "outcome" and record["index"] == last)
            self.collect(self.process.played)
        if len(self.found.get("", ())) != len(self.piece.cases):
            raise PellucidError(f"our own answer to {self.piece.name} cannot be played: {self.process.played.output}")
        return self.found[""]

    def outcomes(self, endless=False):
        """All outcomes, by the name of the answer; with `endless` also of wrong answers that run for ever.

        An answer that did not end has fewer outcomes than others, and the last of them is "time".
        """
        if endless:
            self.outcomes()
            self.left += [(wrong.name, text_of(self.piece, wrong)) for wrong in self.piece.wrong if not wrong.ends]
            self.quiet = ENDLESS
        while self.process is not None or self.unplayed():
            if self.process is None:
                self.start()
            played = self.process.finish()
            self.process = None
            last = self.collect(played)
            if played.ending != "end":
                self.found[last].append(did_not_end(played))
        return self.found

    def unplayed(self):
        """What is left, if anything."""
        self.left = [(name, text) for name, text in self.left if name not in self.found]
        return self.left

    def collect(self, played):
        """Sort the records of a process by answers. The name of the last answer."""
        name = ""
        for record in played.records:
            if record["kind"] == "answer":
                name = record["name"]
                self.found[name] = []
            elif record["kind"] == "outcome":
                self.found[name].append(record["outcome"])
        return name

    def close(self):
        """Nobody wants to know any more."""
        if self.process is not None:
            self.process.end()
            self.process = None


def did_not_end(played):
    """The outcome of a case that took too long, or during which the process ended."""
    kind = "time" if played.ending == "time" else "ended"
    return {"raised": kind, "bases": [kind], "message": "", "line": None}
