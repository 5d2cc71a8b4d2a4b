"""Ctrl-C between two batches instead of in the middle of one."""

import signal
import threading


class Interruptible:
    """Inside the `with` block the first Ctrl-C asks the training to stop; the second breaks it off at once.

    An update that is broken off in the middle leaves some weights new and some old. So the request is noted, and the
    loop looks at it after each batch. Signals reach the main thread only; in other threads nothing changes.
    """

    def __init__(self, training):
        self.training = training
        self.before = None

    def __enter__(self):
        in_main_thread = threading.current_thread() is threading.main_thread()
        if in_main_thread and signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, None):
            self.before = signal.signal(signal.SIGINT, self.asked)
        return self

    def asked(self, number, frame):
        """The handler of the signal."""
        if self.training.interrupted:
            raise KeyboardInterrupt
        self.training.interrupted = True
        self.training.stopped = "interrupted"

    def __exit__(self, *error):
        if self.before is not None:
            signal.signal(signal.SIGINT, self.before)
            self.before = None
