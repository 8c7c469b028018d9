"""Artifacts of the run that is being recorded. All but `methods` is loaded when a script has to do with artifacts."""
