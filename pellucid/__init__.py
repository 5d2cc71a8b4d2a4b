"""Pellucid: deep learning you can see through.

    import pellucid as pc
    from pellucid import nn, optim
    import pellucid.functional as F
"""

__version__ = "0.1.0"

import numpy as _np

from pellucid.compile import compile
from pellucid.engine import enable_grad, no_grad
from pellucid.tensors import *  # noqa: F403
from pellucid.tensors import autograd
from pellucid.tensors.anomaly import detect_anomaly
