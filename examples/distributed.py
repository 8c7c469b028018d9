"""A training of two processes with torch.distributed, recorded as one run that both write to, or as two runs of one group.

Needs torch: `pip install torch`. Then `python examples/distributed.py`, or `python examples/distributed.py --group`.
"""

import argparse
import os
import socket

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn
from torch.nn.parallel import DistributedDataParallel

import playhead

RANKS = 2


def begin(rank: int, name: str, *, group: bool) -> playhead.Run:
    """The run of this rank: its own, in a group with the others, or the one that all write to."""
    if group:
        return playhead.init(project="distributed", group=name, job_type="train", name=f"rank-{rank}")
    return playhead.init(project="distributed", id=name, mode="shared", settings={"label": f"rank-{rank}"})


def train(rank: int, port: int, name: str, group: bool) -> None:  # noqa: FBT001 spawn gives arguments by position
    """What each rank does. The gradients are averaged over the ranks, the losses are each one's own."""
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    dist.init_process_group("gloo", rank=rank, world_size=RANKS)
    torch.manual_seed(rank)
    run = begin(rank, name, group=group)
    dist.barrier()  # all writers are there before the first row
    model = DistributedDataParallel(nn.Linear(8, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    target = torch.linspace(-1, 1, 8).unsqueeze(1)
    for _ in range(200):
        batch = torch.randn(32, 8)
        loss = nn.functional.mse_loss(model(batch), batch @ target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        run.log({"loss": loss.item()})
    weights = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
    print(f"rank {rank}: the weights add up to {weights.sum():.4f}")
    dist.barrier()
    dist.destroy_process_group()
    run.finish()


def main() -> None:
    """Start the ranks."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--group", action="store_true", help="two runs of one group instead of one run")
    options.add_argument(
        "--name", default=f"two-ranks-{playhead.util.generate_id()}", help="id of the run, or the group"
    )
    told = options.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mp.spawn(train, args=(port, told.name, told.group), nprocs=RANKS)


if __name__ == "__main__":
    main()
