"""The parts of the door, one for each subject; `data.store.Store` is all of them together."""
