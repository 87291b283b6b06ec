"""The window: the only room that speaks Qt. It asks the actions and shows the answers; it computes nothing."""

import gc
import os

# numpy asks the system for huge pages, and on a machine that has none free the first touch of a picture's 33 MB waits
# for them to be put together: 80 ms instead of 20, in one go.
os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")

# Python looks for dead cycles after every 700 new objects, and the modules alone make 200,000: looking less often saves
# a seventh of the start. What the modules made is taken off the search by `desktop.app.make_application`.
gc.set_threshold(50_000, 20, 100)

# Qt's binding reads the source of every module that is imported after it. The store brings the large ones, so it goes
# first: that saves a fifth of the start.
import data.store  # noqa: E402, F401
