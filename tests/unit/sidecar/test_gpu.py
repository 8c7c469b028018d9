"""NVIDIA's GPUs, as its library would tell of them."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from playhead.sidecar import gpu


class Library(ModuleType):
    NVML_TEMPERATURE_GPU = 0

    class NVMLError(Exception):
        pass

    def nvmlInit(self):  # noqa: N802 NVIDIA's name
        pass

    def __getattr__(self, name):
        told = {
            "nvmlDeviceGetCount": 2,
            "nvmlDeviceGetName": b"H200",
            "nvmlDeviceGetUtilizationRates": SimpleNamespace(gpu=37),
            "nvmlDeviceGetMemoryInfo": SimpleNamespace(used=1, total=4),
            "nvmlDeviceGetTemperature": 55,
            "nvmlDeviceGetHandleByIndex": 0,
        }
        if name == "nvmlDeviceGetPowerUsage":
            return self.refuse
        if name in told:
            return lambda *_: told[name]
        raise AttributeError(name)

    def refuse(self, *_):
        raise self.NVMLError("not supported")


@pytest.fixture
def library(monkeypatch):
    library = Library("pynvml")
    monkeypatch.setitem(sys.modules, "pynvml", library)
    monkeypatch.setattr("glob.glob", lambda pattern: ["/dev/nvidia0"] if "nvidia" in pattern else [])
    return library


def test_what_a_gpu_does_not_tell_is_left_out(library):
    assert gpu.names() == ["H200", "H200"]
    values = {"util": 37.0, "memory": 25.0, "temperature": 55.0}
    assert gpu.Gpus().sample() == {f"gpu.{number}.{name}": value for number in (0, 1) for name, value in values.items()}


def test_without_a_driver(library, monkeypatch):
    monkeypatch.setattr(Library, "nvmlInit", Library.refuse)
    assert gpu.Gpus().sample() == {}


def test_without_a_gpu(monkeypatch):
    monkeypatch.setattr("glob.glob", lambda _: [])
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert gpu.names() == []
