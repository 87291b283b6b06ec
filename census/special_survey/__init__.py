"""Special surveys (专项普查) of one or several classes: plan by cells, progress, result against the census, feedback."""
