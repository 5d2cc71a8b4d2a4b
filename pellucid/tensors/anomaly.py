"""Where did the NaN come from? Stand at the door and look at every result."""

import numpy as np

from pellucid.engine import OP, SITE, Setting, mode
from pellucid.errors import AnomalyError, RecordingError, user_site


class detect_anomaly(Setting):  # noqa: N801  PyTorch's name
    """Inside `with pc.detect_anomaly():` the first op that makes NaN or an infinity raises AnomalyError.

    The error names the op and the line, in the forward pass and in the walk back, eager and compiled. Values
    that came in as NaN or infinite (a mask of -inf) are not blamed on the op that used them. Everything is
    computed and looked at, so it is slow: for finding the place, not for training.
    """

    def __init__(self):
        super().__init__(tracer=self)

    def apply(self, op, inputs):
        """Called by the door in place of NumPy."""
        if mode.local.recording is not None:
            raise RecordingError(
                "detect_anomaly stands inside a compiled step, where there are no numbers to look at yet.",
                remedy="Put `with pc.detect_anomaly():` around the call of the step.",
            )
        with Setting(tracer=None):
            y = op(*inputs)
        site = user_site()
        if y.step is not None:
            y.step[SITE] = site
        self.check(op, [x.array for x in inputs], y.array, site, mode.local.walking)
        return y

    def check(self, op, inputs, output, site, walking=None):
        """Raise if `output` has what none of the inputs had."""
        if output.dtype.kind != "f" or np.isfinite(output).all():
            return
        floats = [x for x in inputs if x.dtype.kind == "f"]
        what = "NaN" if np.isnan(output).any() else "an infinity"
        excused = np.isnan if what == "NaN" else lambda x: ~np.isfinite(x)
        if any(excused(x).any() for x in floats):
            return
        where = f"{type(op).__name__}"
        if walking is not None:
            where += f", in the gradient of {type(walking[OP]).__name__}"
            site = walking[SITE] or site
        ranges = ", ".join(f"{x.min():.4g} to {x.max():.4g}" for x in floats if x.size) or "no floats"
        place = np.argwhere(~np.isfinite(output))[0].tolist()
        raise AnomalyError(
            f"{where} made {what} (first at {place}) out of inputs in the range {ranges}.",
            remedy="Keep its inputs away from where it has no finite value.",
            site=site,
        )
