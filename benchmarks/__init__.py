"""Speed, measured beside peers or a physical limit in the same run. `make bench` runs all; `python -m benchmarks log start` some."""
