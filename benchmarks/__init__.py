"""Our steps and their peers on the same data in one run. `make bench [BENCH_JSON=F] [ONLY=name]`."""
