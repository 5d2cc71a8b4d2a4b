"""For teachers: what stands in the logs of one folder or many, one line for each piece."""

from pellucid.train.files import write_json
from pellucid.workshop import table
from pellucid.workshop.check import check
from pellucid.workshop.folder import STATES

COLUMNS = ("piece", "state", "attempts", "hints", "solution", "minutes")


def rows(folder, again=False):
    """A dict for each piece. With `again`, what is said to have passed is checked once more."""
    found = []
    events = folder.events()
    for name, known in folder.states().items():
        state = known.state
        if again and state == "passed":
            source = folder.source(name)
            kept = folder.passing(table.ancestors(name), events)
            state = check(table.piece(name), source, filename=str(folder.file(name)), ancestors=kept).kind
        found.append({
            "piece": name, "state": state, "attempts": known.attempts, "hints": known.hints,
            "solution_seen_before_passing": known.solution, "first": known.first, "passed": known.passed,
            "seconds": known.seconds, "verdicts": known.seen,
        })  # fmt: skip
    return found


def as_text(folder, found):
    """A table for a terminal."""
    lines = [str(folder.path), "  " + line_of(COLUMNS)]
    for row in found:
        minutes = "" if row["seconds"] is None else f"{row['seconds'] / 60:.1f}"
        seen = "seen" if row["solution_seen_before_passing"] else ""
        lines.append("  " + line_of((row["piece"], row["state"], row["attempts"], row["hints"], seen, minutes)))
    return lines


def line_of(cells):
    """Cells in columns."""
    widths = (max(map(len, table.NAMES)), max(map(len, STATES)), 8, 5, 8, 7)
    return "  ".join(
        f"{cell:<{wide}}" if isinstance(cell, str) else f"{cell:>{wide}}"
        for cell, wide in zip(cells, widths, strict=True)
    ).rstrip()


def write(path, folders):
    """All folders as JSON, in one move: {"folders": [{"folder", "pieces": [...]}, ...]}."""
    write_json(path, {"folders": [{"folder": str(folder.path), "pieces": found} for folder, found in folders]})
