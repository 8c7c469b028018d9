"""`wandb.integration`: what there is of it."""
