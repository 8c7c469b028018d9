"""Scripts of frameworks with their own loggers for W&B, as people have them; the numbers are read back through our own API."""

import importlib.util

import pytest

LIGHT = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
pytestmark = pytest.mark.timeout(600)


def need(*packages):
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} missing: the script was not tried")


def rows(server, entity, project, run_id, *keys):
    asked = "&".join(f"keys={key}" for key in keys)
    return server.get(f"/runs/{entity}/{project}/{run_id}/rows?limit=1000&{asked}")["items"]


def test_xgboost(server, machine, entity):
    need("xgboost")
    told = machine.train(
        """
        import numpy as np
        import wandb
        import xgboost
        from wandb.integration.xgboost import WandbCallback

        with wandb.init(project="frameworks", id="xgboost"):
            x = np.random.default_rng(0).random((200, 4))
            model = xgboost.XGBRegressor(n_estimators=12, max_depth=2, callbacks=[WandbCallback(log_feature_importance=False)])
            model.fit(x, x.sum(axis=1), eval_set=[(x, x.sum(axis=1))], verbose=False)
        tell(model.evals_result()["validation_0"]["rmse"])
        """,
        **LIGHT,
    ).told
    found = rows(server, entity, "frameworks", "xgboost", "validation_0-rmse", "epoch")
    assert [row["epoch"] for row in found] == list(range(12))
    assert [row["validation_0-rmse"] for row in found] == pytest.approx(told[0])
    run = server.run("frameworks", "xgboost")
    assert run["state"] == "finished"
    assert "learner" in run["config"]


def test_scikit_learn(server, machine, entity):
    need("sklearn")
    machine.train(
        """
        import wandb
        from sklearn.datasets import load_iris
        from sklearn.linear_model import LogisticRegression
        from sklearn.metrics import accuracy_score

        x, y = load_iris(return_X_y=True)
        with wandb.init(project="frameworks", id="sklearn", config={"C": 2.0}) as run:
            model = LogisticRegression(C=run.config.C, max_iter=500).fit(x, y)
            run.log({"accuracy": accuracy_score(y, model.predict(x))})
            wandb.sklearn.plot_confusion_matrix(y, model.predict(x), ["a", "b", "c"])
            wandb.sklearn.plot_summary_metrics(model, x, y, x, y)
        """,
        **LIGHT,
    )
    run = server.run("frameworks", "sklearn")
    assert (run["state"], run["config"]) == ("finished", {"C": 2.0})
    assert run["summary"]["accuracy"] > 0.9
    media = {one["key"] for one in server.get(f"/runs/{entity}/frameworks/sklearn/media/keys")}
    assert media >= {"confusion_matrix", "summary_metrics"}
    table = server.get(f"/runs/{entity}/frameworks/sklearn/media/table?key=confusion_matrix")
    assert table["total"] == 9


def test_transformers(server, machine, entity):
    need("torch", "transformers", "accelerate")
    told = machine.train(
        """
        import torch
        from transformers import Trainer, TrainingArguments

        class Line(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = torch.nn.Linear(1, 1)

            def forward(self, x, labels=None):
                y = self.layer(x)
                return {"loss": ((y - labels) ** 2).mean(), "logits": y}

        data = [{"x": torch.tensor([i / 10]), "labels": torch.tensor([i / 5])} for i in range(10)]
        arguments = TrainingArguments("out", max_steps=12, logging_steps=1, report_to="wandb", run_name="a trainer", save_strategy="no",
                                      per_device_train_batch_size=2, use_cpu=True, disable_tqdm=True)
        trainer = Trainer(model=Line(), args=arguments, train_dataset=data)
        trainer.train()
        tell([told["loss"] for told in trainer.state.log_history if "loss" in told])
        """,
        **LIGHT,
        WANDB_RUN_ID="trainer",
        WANDB_PROJECT="frameworks",
    ).told
    found = rows(server, entity, "frameworks", "trainer", "train/loss", "train/global_step")
    assert [row["train/global_step"] for row in found] == list(range(1, 13))
    assert [row["train/loss"] for row in found] == pytest.approx(told[0])
    run = server.run("frameworks", "trainer")
    assert (run["state"], run["config"]["max_steps"], run["name"]) == ("finished", 12, "a trainer")
    assert run["summary"]["train/loss"] == found[-1]["train/loss"]


@pytest.mark.thorough
def test_lightning(server, machine, entity):
    need("torch", "lightning")
    told = machine.train(
        """
        import lightning
        import torch
        from lightning.pytorch.loggers import WandbLogger

        class Line(lightning.LightningModule):
            def __init__(self, lr=0.1):
                super().__init__()
                self.save_hyperparameters()
                self.layer = torch.nn.Linear(1, 1)

            def training_step(self, batch):
                x, y = batch
                loss = ((self.layer(x) - y) ** 2).mean()
                self.log("loss", loss)
                losses.append(loss.item())
                return loss

            def configure_optimizers(self):
                return torch.optim.SGD(self.parameters(), lr=self.hparams.lr)

        losses = []
        data = torch.utils.data.TensorDataset(torch.rand(32, 1), torch.rand(32, 1))
        logger = WandbLogger(project="frameworks", id="lightning", name="a module")
        trainer = lightning.Trainer(max_epochs=3, logger=logger, log_every_n_steps=1, enable_progress_bar=False, accelerator="cpu",
                                    enable_checkpointing=False)
        trainer.fit(Line(), torch.utils.data.DataLoader(data, batch_size=8))
        tell(losses)
        """,
        **LIGHT,
    ).told
    found = rows(server, entity, "frameworks", "lightning", "loss", "trainer/global_step", "epoch")
    assert [row["trainer/global_step"] for row in found] == list(range(12))
    assert [row["loss"] for row in found] == pytest.approx(told[0])
    run = server.run("frameworks", "lightning")
    assert (run["state"], run["config"], run["name"]) == ("finished", {"lr": 0.1}, "a module")
    assert run["summary"]["loss"] == found[-1]["loss"]


@pytest.mark.thorough
def test_keras(server, machine, entity):
    need("tensorflow")
    told = machine.train(
        """
        import keras
        import numpy as np
        import wandb
        from wandb.integration.keras import WandbMetricsLogger

        with wandb.init(project="frameworks", id="keras"):
            model = keras.Sequential([keras.layers.Input((8,)), keras.layers.Dense(1)])
            model.compile("adam", loss="mse")
            x = np.random.rand(64, 8)
            history = model.fit(x, x.sum(axis=1), epochs=5, verbose=0, callbacks=[WandbMetricsLogger()])
        tell(history.history["loss"])
        """,
        **LIGHT,
    ).told
    found = rows(server, entity, "frameworks", "keras", "epoch/epoch", "epoch/loss")
    assert [row["epoch/epoch"] for row in found] == list(range(5))
    assert [row["epoch/loss"] for row in found] == pytest.approx(told[0])


def test_a_plain_loop(server, machine, entity):
    machine.train(
        """
        import numpy as np
        import wandb

        run = wandb.init(project="frameworks", id="plain", config={"lr": 0.1, "layers": [64, 10]})
        losses = np.linspace(1, 0, 30)
        for epoch, loss in enumerate(losses):
            run.log({"train": {"loss": loss}, "epoch": epoch, "weights": wandb.Histogram(np.arange(10))})
        run.finish()
        """
    )
    found = rows(server, entity, "frameworks", "plain", "train.loss", "epoch")
    assert [row["epoch"] for row in found] == list(range(30))
    assert [row["train.loss"] for row in found] == pytest.approx([1 - number / 29 for number in range(30)])
