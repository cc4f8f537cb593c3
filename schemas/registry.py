"""Every message we know, by its name on the wire."""

from __future__ import annotations

from types import ModuleType

from schemas import agreements, collaboration, coordination, deadlines, directory, gateway, notices, signals
from schemas.base import Said

_MODULES: tuple[ModuleType, ...] = (
    signals,
    coordination,
    deadlines,
    agreements,
    directory,
    collaboration,
    gateway,
    notices,
)


def _said(module: ModuleType) -> list[type[Said]]:
    return [
        found
        for name, found in vars(module).items()
        if isinstance(found, type)
        and issubclass(found, Said)
        and found.__module__ == module.__name__
        and not name.startswith("_")
    ]


#: CloudEvents `type` → model.
TYPES: dict[str, type[Said]] = {found.type_name(): found for module in _MODULES for found in _said(module)}
