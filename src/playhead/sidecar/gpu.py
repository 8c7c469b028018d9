"""NVIDIA's GPUs, if there are any."""

from __future__ import annotations

import glob
from typing import Any


def _nvml() -> Any:
    """NVIDIA's library, ready for use; None where there is none."""
    if not glob.glob("/dev/nvidia[0-9]*") and not glob.glob("/dev/dxg"):  # noqa: PTH207 two names, no tree
        return None
    import pynvml  # noqa: PLC0415 only where there is a GPU

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    return pynvml


class Gpus:
    """The GPUs of this machine."""

    def __init__(self) -> None:
        self._nvml = _nvml()
        self._handles = (
            []
            if self._nvml is None
            else [self._nvml.nvmlDeviceGetHandleByIndex(i) for i in range(self._nvml.nvmlDeviceGetCount())]
        )

    def names(self) -> list[str]:
        """What they are called."""
        return [_text(self._nvml.nvmlDeviceGetName(handle)) for handle in self._handles]

    def sample(self) -> dict[str, float]:
        """For each `gpu.N.`: util (percent), memory (percent), temperature (°C), power (W); what a GPU does not tell is left out."""
        found: dict[str, float] = {}
        nvml = self._nvml
        for number, handle in enumerate(self._handles):
            asked = {
                "util": lambda handle=handle: nvml.nvmlDeviceGetUtilizationRates(handle).gpu,
                "memory": lambda handle=handle: _percent(nvml.nvmlDeviceGetMemoryInfo(handle)),
                "temperature": lambda handle=handle: nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU),
                "power": lambda handle=handle: nvml.nvmlDeviceGetPowerUsage(handle) / 1000,
            }
            for name, ask in asked.items():
                try:
                    found[f"gpu.{number}.{name}"] = float(ask())  # type: ignore[no-untyped-call]
                except nvml.NVMLError:
                    continue
        return found


def names() -> list[str]:
    """What this machine's GPUs are called."""
    return Gpus().names()


def _percent(memory: Any) -> float:
    return 100.0 * memory.used / memory.total if memory.total else 0.0


def _text(name: str | bytes) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else name
