"""Runs that other tools recorded, read from their files without them, and written as journals of our own.

A reader (`table`, `wandb`, `tensorboard`) makes a Source of a file; `writing` makes a run's folder of that, which is sent as any other.
"""
