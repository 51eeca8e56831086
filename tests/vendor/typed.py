"""Whether what the vendor's client decoded is what its models promise.

The client takes a wrong type in a field of several types without a word (it keeps the JSON as it came), and it keeps fields
that it does not know. Both are told here.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
import waldur_api_client.models as models


def complaints(value: Any, hint: Any, path: str) -> Iterator[str]:
    """Yields what is not as the hint promises, at any depth."""
    origin = get_origin(hint)
    if hint is Any:
        return
    if origin in (Union, types.UnionType):
        fitting = [branch for branch in get_args(hint) if _is(value, branch)]
        found = [list(complaints(value, branch, path)) for branch in fitting]
        if not fitting:
            yield f"{path}: {value!r} is none of {', '.join(sorted(map(_name, get_args(hint))))}"
        elif all(found):
            yield from min(found, key=len)
    elif not _is(value, hint):
        yield f"{path}: {value!r} is no {_name(hint)}"
    elif origin is list:
        for item in value:
            yield from complaints(item, get_args(hint)[0], f"{path}[]")
    elif attrs.has(hint):
        yield from _of_model(value, hint, path)


def _is(value: Any, hint: Any) -> bool:
    """Returns whether the value itself, without what is in it, fits."""
    if hint is Any:
        return True
    kind = get_origin(hint) or (type(None) if hint is None else hint)
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _name(hint: Any) -> str:
    return "None" if hint is type(None) else getattr(hint, "__name__", str(hint))


def _of_model(value: Any, model: type, path: str) -> Iterator[str]:
    hints = get_type_hints(model, localns=vars(models))
    fields = [field.name for field in attrs.fields(model) if field.name != "additional_properties"]
    for name in fields:
        yield from complaints(getattr(value, name), hints[name], f"{path}.{name}")
    # A model without fields is a dictionary of whatever there is.
    for name in getattr(value, "additional_properties", {}) if fields else {}:
        yield f"{path}.{name}: the client does not know this field"
