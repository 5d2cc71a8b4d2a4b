"""Metrics: how well a model does, as plain Python numbers. They take tensors and NumPy arrays alike.

Each is a function of (what the model answers, what is right). Those that are no means over samples, such as F1, are
right over many batches too: see Metric.
"""

from pellucid import blame
from pellucid.metrics.calibration import CalibrationCurve, calibration_curve, expected_calibration_error
from pellucid.metrics.classes import accuracy, binary_accuracy, confusion_matrix, top_k_accuracy
from pellucid.metrics.language import perplexity
from pellucid.metrics.metric import Metric
from pellucid.metrics.precision_recall import f1, precision, recall
from pellucid.metrics.ranking import average_precision, roc_auc, roc_curve
from pellucid.metrics.regression import mean_absolute_error, mean_squared_error, r2

__all__ = [
    "CalibrationCurve",
    "Metric",
    "accuracy",
    "average_precision",
    "binary_accuracy",
    "calibration_curve",
    "confusion_matrix",
    "expected_calibration_error",
    "f1",
    "mean_absolute_error",
    "mean_squared_error",
    "perplexity",
    "precision",
    "r2",
    "recall",
    "roc_auc",
    "roc_curve",
    "top_k_accuracy",
]

blame.answer_for(globals())
