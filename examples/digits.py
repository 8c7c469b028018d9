"""Trains a small network on scikit-learn's handwritten digits (real data, in the package) and records it with Playhead.

python examples/digits.py --lr 0.3 --hidden 64
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import playhead


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class Network:
    """One hidden layer of ReLUs, trained by stochastic gradient descent with momentum."""

    def __init__(self, hidden: int, rng: np.random.Generator) -> None:
        self.weights = [rng.normal(0, np.sqrt(2 / 64), (64, hidden)), rng.normal(0, np.sqrt(2 / hidden), (hidden, 10))]
        self.biases = [np.zeros(hidden), np.zeros(10)]
        self.speeds = [np.zeros_like(p) for p in (*self.weights, *self.biases)]

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        hidden = np.maximum(0, x @ self.weights[0] + self.biases[0])
        return hidden, softmax(hidden @ self.weights[1] + self.biases[1])

    def train(self, x: np.ndarray, y: np.ndarray, lr: float, momentum: float) -> tuple[float, float]:
        """One step on a batch; its loss and the norm of its gradient."""
        hidden, p = self.forward(x)
        d_out = (p - np.eye(10)[y]) / len(y)
        d_hidden = (d_out @ self.weights[1].T) * (hidden > 0)
        gradients = [x.T @ d_hidden, hidden.T @ d_out, d_hidden.sum(axis=0), d_out.sum(axis=0)]
        parameters = (*self.weights, *self.biases)
        self.speeds = [momentum * speed - lr * gradient for speed, gradient in zip(self.speeds, gradients, strict=True)]
        for parameter, speed in zip(parameters, self.speeds, strict=True):
            np.add(parameter, speed, out=parameter)
        loss = -np.log(p[np.arange(len(y)), y] + 1e-12).mean()
        return float(loss), float(np.sqrt(sum((g**2).sum() for g in gradients)))


def sheet_of(digits: np.ndarray, columns: int = 8) -> np.ndarray:
    """Digits side by side in one picture, four pixels a pixel."""
    tiles = [np.kron(np.pad(d.reshape(8, 8) / 16, 1), np.ones((4, 4))) for d in digits[: columns * 4]]
    tiles += [np.zeros((40, 40))] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)])


def main() -> None:
    parser = argparse.ArgumentParser(description="Train a small network on handwritten digits.")
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--hidden", type=int, default=32)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pace", type=float, default=0.0, help="seconds to rest after each epoch, to watch it arrive")
    args = parser.parse_args()

    digits = load_digits()
    x_train, x_val, y_train, y_val = train_test_split(digits.data, digits.target, test_size=0.25, random_state=0)
    rng = np.random.default_rng(args.seed)
    network = Network(args.hidden, rng)

    with playhead.init(project="digits", config=args, tags=["demo"]) as run:
        for epoch in range(args.epochs):
            order = rng.permutation(len(x_train))
            for start in range(0, len(order), args.batch):
                batch = order[start : start + args.batch]
                loss, norm = network.train(x_train[batch] / 16, y_train[batch], args.lr, args.momentum)
                run.log({"train/loss": loss, "train/gradient_norm": norm})
            _, p = network.forward(x_val / 16)
            wrong = p.argmax(axis=1) != y_val
            accuracy = 1 - float(wrong.mean())
            val_loss = float(-np.log(p[np.arange(len(y_val)), y_val] + 1e-12).mean())
            row = {"val/loss": val_loss, "val/accuracy": accuracy}
            if wrong.any():
                pairs = ", ".join(
                    f"{t} for {g}" for t, g in zip(y_val[wrong][:8], p[wrong].argmax(axis=1)[:8], strict=True)
                )
                row["mistakes"] = playhead.Image(
                    sheet_of(x_val[wrong]), caption=f"{wrong.sum()} of {len(y_val)}: {pairs} …"
                )
            run.log(row)
            print(f"epoch {epoch + 1:2d}  loss {val_loss:.4f}  accuracy {accuracy:.2%}")
            time.sleep(args.pace)


if __name__ == "__main__":
    main()
