"""Reading ahead: a thread prepares the next batches while the caller computes with this one.

It helps where a batch takes long to read: images that must be unpacked, rows on a disk. NumPy and Pillow give up
Python's lock while they work, so the thread really runs beside the training step.
"""

import queue
import threading

PAUSE = 0.1  # seconds after which a side that waits looks whether the other one is still there


def prefetched(iterator, depth):
    """What `iterator` gives, in its order, at most `depth` items ahead of the caller.

    An error inside the iterator comes out here, with its own traceback. Whenever the caller stops, by `break`, by an
    error or by Ctrl-C, the thread ends.

    >>> list(prefetched(iter(range(4)), depth=2))
    [0, 1, 2, 3]
    """
    ready = queue.Queue(maxsize=depth)
    stopped = threading.Event()
    thread = threading.Thread(target=read_ahead, args=(iterator, ready, stopped), name="prefetch", daemon=True)
    try:
        thread.start()
        while True:
            try:
                kind, item = ready.get(timeout=PAUSE)  # with a limit, so that Ctrl-C arrives on every system
            except queue.Empty:
                continue
            if kind == "end":
                return
            if kind == "error":
                raise item
            yield item
    finally:
        stopped.set()
        if thread.is_alive():
            thread.join()


def read_ahead(iterator, ready, stopped):
    """The thread: put what the iterator gives into the queue, and at last how it ended."""

    def put(kind, item=None):
        while not stopped.is_set():
            try:
                ready.put((kind, item), timeout=PAUSE)
            except queue.Full:
                continue
            return

    try:
        for item in iterator:
            put("item", item)
            if stopped.is_set():
                return
        put("end")
    except BaseException as error:  # noqa: BLE001  whatever it is, the caller gets it
        put("error", error)
