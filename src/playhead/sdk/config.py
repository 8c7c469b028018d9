"""The inputs of a run: a dict whose keys are attributes too. Each change goes into the journal at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from pathlib import Path, PurePath
from typing import Any

from playhead.domain.errors import UsageError
from playhead.sdk.values import config_value

Write = Callable[[dict[str, Any]], object]


def as_mapping(given: Any) -> dict[str, Any]:
    """A config as `init` takes it: a mapping, the path of a YAML or JSON file, an argparse.Namespace, absl's FLAGS or another object with
    attributes. UsageError else.
    """
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return dict(given)
    if isinstance(given, (str, PurePath)):
        return from_file(Path(given))
    flags = getattr(given, "flag_values_dict", None)
    if callable(flags):
        return dict(flags())
    slots = getattr(given, "__dataclass_fields__", None)
    try:
        items = {name: getattr(given, name) for name in slots} if slots else vars(given)
    except TypeError:
        raise UsageError(
            f"config is a dict, a Namespace or the path of a YAML file, not a {type(given).__name__}."
        ) from None
    return {key: value for key, value in items.items() if not key.startswith("__")}


def from_file(path: Path) -> dict[str, Any]:
    """Keys of a YAML or JSON file; W&B's form {key: {value: …, desc: …}} is unpacked. UsageError if it cannot be read."""
    try:
        text = path.expanduser().read_text(encoding="utf-8")
        data = json.loads(text) if path.suffix == ".json" else _yaml(text)
    except OSError as error:
        raise UsageError(f"The config file {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(f"The config file {path} is not valid: {error}") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise UsageError(f"The config file {path} holds no mapping.")
    plain = {str(key): value for key, value in data.items() if key not in {"wandb_version", "_wandb"}}
    wrapped = all(
        isinstance(value, dict) and "value" in value and value.keys() <= {"value", "desc"} for value in plain.values()
    )
    return {key: value["value"] for key, value in plain.items()} if wrapped else plain


def _yaml(text: str) -> Any:
    import yaml  # noqa: PLC0415 only a run whose config is a YAML file pays for it

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _differs(old: Any, new: Any) -> bool:
    """NaN is equal to itself here, and the order of keys does not matter."""
    return bool(old != new and repr(old) != repr(new))


class Config(MutableMapping[str, Any]):
    """`config.lr`, `config["lr"]`, `config.update({...})`. Changing the value of a key that is there is a UsageError unless allowed,
    because what was trained with the old value would be told as trained with the new one.
    """

    def __init__(self, write: Write, before: Mapping[str, Any] = {}, *, allow_val_change: bool = False) -> None:
        """`before`: what an earlier process of the run set, which this one may change."""
        object.__setattr__(self, "_items", dict(before))
        object.__setattr__(self, "_before", set(before))
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
            if not allow and key in self._items and key not in self._before and _differs(self._items[key], value):
                raise UsageError(
                    f"config.{key} is {self._items[key]!r} and was to become {value!r}. If that is meant, call "
                    f"config.update({{{key!r}: …}}, allow_val_change=True)."
                )
        changed = {
            key: value
            for key, value in clean.items()
            if key not in self._items or repr(self._items[key]) != repr(value)
        }
        if changed:
            self._write({"set": changed})
            self._items.update(changed)
        self._before.difference_update(clean)

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._set({key: value}, self._allow)

    def __delitem__(self, key: str) -> None:
        self._items[key]  # KeyError if it is not there
        self._write({"delete": [key]})
        del self._items[key]

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):  # copy and pickle look for their protocols
            raise AttributeError(key)
        try:
            return self._items[key]
        except KeyError:
            raise AttributeError(f"The config has no {key!r}. It has: {', '.join(self._items) or 'nothing'}.") from None

    def __setattr__(self, key: str, value: Any) -> None:
        self[key] = value

    def __delattr__(self, key: str) -> None:
        if key not in self:
            raise AttributeError(f"The config has no {key!r}.")
        del self[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __repr__(self) -> str:
        return repr(self._items)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self.as_dict(),)
