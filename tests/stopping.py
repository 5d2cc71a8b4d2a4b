"""A callback with which a test interrupts a training."""


class Stop:
    """Ends the training after some batches."""

    def __init__(self, batches):
        self.batches = batches

    def batch(self, training):
        self.batches -= 1
        if self.batches == 0:
            training.stopped = "enough for this test"
