"""The window: the only room that speaks Qt. It asks the actions and shows the answers; it computes nothing."""
