"""Training: the loop, the folder of a run, checkpoints, and callbacks."""

from pellucid.train.callbacks import EarlyStopping, Schedule
from pellucid.train.checkpoint import load, load_with_metadata, save
from pellucid.train.loop import evaluate, fit
from pellucid.train.progress import Progress
from pellucid.train.resume import Checkpoint
from pellucid.train.run import Run

__all__ = [
    "Checkpoint",
    "EarlyStopping",
    "Progress",
    "Run",
    "Schedule",
    "evaluate",
    "fit",
    "load",
    "load_with_metadata",
    "save",
]
