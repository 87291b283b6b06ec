"""The window: the only room that speaks Qt. It asks the actions and shows the answers; it computes nothing."""

# Qt's binding reads the source of every module that is imported after it. The store brings the large ones, so it goes
# first: that saves a fifth of the start.
import data.store  # noqa: F401
