"""Pure values and rules: what a run, a segment, a metric and an account are. No I/O, no clock, no third-party import."""
