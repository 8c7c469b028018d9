"""The inputs of a run: a dict whose keys are attributes too. Each change goes into the journal at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from playhead.domain.errors import UsageError
from playhead.sdk.values import config_value

Write = Callable[[dict[str, Any]], object]


def as_mapping(given: Any) -> dict[str, Any]:
    """A config as `init` takes it: a mapping, the path of a YAML or JSON file, an argparse.Namespace, absl's FLAGS. UsageError else."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return dict(given)
    if isinstance(given, (str, Path)):
        return from_file(Path(given))
    flags = getattr(given, "flag_values_dict", None)
    if callable(flags):
        return dict(flags())
    try:
        return dict(vars(given))
    except TypeError:
        raise UsageError(f"config is a dict, a Namespace or the path of a YAML file, not a {type(given).__name__}.") from None


def from_file(path: Path) -> dict[str, Any]:
    """Keys of a YAML or JSON file; W&B's form {key: {value: …, desc: …}} is unpacked. UsageError if it cannot be read."""
    try:
        text = path.read_text()
    except OSError as error:
        raise UsageError(f"The config file {path} cannot be read: {error.strerror}.") from error
    try:
        data = json.loads(text) if path.suffix == ".json" else _yaml(text)
    except ValueError as error:
        raise UsageError(f"The config file {path} is not valid: {error}") from error
    if not isinstance(data, dict):
        raise UsageError(f"The config file {path} holds no mapping.")
    plain = {str(key): value for key, value in data.items() if key != "wandb_version"}
    wrapped = plain and all(isinstance(value, dict) and "value" in value and value.keys() <= {"value", "desc"} for value in plain.values())
    return {key: value["value"] for key, value in plain.items()} if wrapped else plain


def _yaml(text: str) -> Any:
    import yaml  # noqa: PLC0415 only a run whose config is a YAML file pays for it

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


class Config(MutableMapping[str, Any]):
    """`config.lr`, `config["lr"]`, `config.update({...})`. Changing the value of a key that is there is a UsageError unless allowed,
    because what was trained with the old value would be told as trained with the new one.
    """

    def __init__(self, write: Write, *, allow_val_change: bool = False) -> None:
        object.__setattr__(self, "_items", {})
        object.__setattr__(self, "_write", write)
        object.__setattr__(self, "_allow", allow_val_change)

    def update(self, given: Any = None, allow_val_change: bool | None = None, **more: Any) -> None:  # type: ignore[override]  # noqa: FBT001 W&B's signature
        """Set several keys. `given` is anything that `init(config=)` takes."""
        self._set({**as_mapping(given), **more}, self._allow if allow_val_change is None else allow_val_change)

    def setdefaults(self, given: Any = None) -> None:
        """Set the keys that are not there yet."""
        self._set({key: value for key, value in as_mapping(given).items() if key not in self._items}, allow=True)

    def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`, or `default`."""
        return self._items.get(key, default)

    def as_dict(self) -> dict[str, Any]:
        """A copy as a plain dict."""
        return dict(self._items)

    def _set(self, values: Mapping[Any, Any], allow: bool) -> None:  # noqa: FBT001 private
        clean = {str(key): config_value(str(key), value) for key, value in values.items()}
        for key, value in clean.items():
            if not allow and key in self._items and self._items[key] != value and value == value:  # noqa: PLR0124 NaN is new each time
                raise UsageError(
                    f"config.{key} is {self._items[key]!r} and was to become {value!r}. If that is meant, call "
                    f"config.update({{{key!r}: …}}, allow_val_change=True)."
                )
        changed = {key: value for key, value in clean.items() if key not in self._items or self._items[key] != value}
        if changed:
            self._items.update(changed)
            self._write({"set": changed})

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._set({key: value}, self._allow)

    def __delitem__(self, key: str) -> None:
        del self._items[key]
        self._write({"delete": [key]})

    def __getattr__(self, key: str) -> Any:
        try:
            return self._items[key]
        except KeyError:
            raise AttributeError(f"The config has no {key!r}. It has: {', '.join(self._items) or 'nothing'}.") from None

    def __setattr__(self, key: str, value: Any) -> None:
        self[key] = value

    def __delattr__(self, key: str) -> None:
        del self[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __repr__(self) -> str:
        return repr(self._items)
