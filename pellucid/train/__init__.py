"""Training: the loop, the folder of a run, checkpoints, and callbacks."""

from pellucid import blame
from pellucid.train.callbacks import BestWeights, EarlyStopping, SaveWeights, Schedule
from pellucid.train.checkpoint import load, load_with_metadata, save
from pellucid.train.logs import CSVLog, LearningRate, TensorBoard
from pellucid.train.loop import evaluate, fit
from pellucid.train.progress import Progress
from pellucid.train.resume import Checkpoint
from pellucid.train.run import Run

__all__ = [
    "BestWeights",
    "CSVLog",
    "Checkpoint",
    "EarlyStopping",
    "LearningRate",
    "Progress",
    "Run",
    "SaveWeights",
    "Schedule",
    "TensorBoard",
    "evaluate",
    "fit",
    "load",
    "load_with_metadata",
    "save",
]

blame.answer_for(globals())
