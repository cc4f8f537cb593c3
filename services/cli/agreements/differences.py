"""`seinhuis agreements differences`: what this partnership agreed otherwise than its region?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from services.agreements.template import Difference, differences_of
from services.cli.agreements.reading import FileArgument, TemplateOption, listed, read
from services.cli.asked import FormatOption
from services.cli.errors import CliError

_MOST_SHOWN = 100


def differences(file: FileArgument, template: TemplateOption = None, output: FormatOption = "text") -> None:
    """What an agreement adds to its regional template, and what it says otherwise, with the lines of the file.

    Parties and obligations are told by their names. A part the file leaves to the template is not told.

    Exit code 1 when the file or its template cannot be read.

    Examples:

        seinhuis agreements differences examples/waterkant/de-vlier.yaml

        seinhuis agreements differences de-vlier.yaml --template region-waterkant.yaml --format json
    """
    found = read(file, template)
    if found.draft.agreement is None:
        raise CliError("\n".join([f"{file} has findings:", *listed(file, found.draft.findings)]))
    inherits = found.draft.agreement.meta.inherits
    if inherits is None or found.template_text is None:
        raise CliError(f"{file} fills in no template; `meta.inherits` names one")
    differing = differences_of(found.text, found.template_text)
    if output == "json":
        print(orjson.dumps([_plain(one) for one in differing]).decode())
    else:
        of = f"{inherits.template} version {inherits.version}"
        print("\n".join(told(differing, f"{file}:", of)))


def told(differing: Sequence[Difference], file: str, template: str) -> Iterator[str]:
    """The differences as lines for people."""
    for kind, heading in (("changes", f"otherwise than {template}"), ("adds", f"besides {template}")):
        kept = [one for one in differing if one.kind == kind]
        yield f"{heading}: {len(kept) or 'nothing'}"
        for one in kept:
            yield f"  {file}{one.line}  {one.name}"
            there, here = _text(one.template), _text(one.own)
            from_here = next((n for n, (a, b) in enumerate(zip(there, here, strict=False)) if a != b), 0)
            if kind == "changes":
                yield f"      there  {_cut(there, from_here)}"
            yield f"      here   {_cut(here, from_here)}"


def _plain(one: Difference) -> dict[str, Any]:
    return {**one._asdict(), "name": one.name}


def _text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _cut(text: str, differs_at: int) -> str:
    """As much as fits; of a long text the part where it begins to differ."""
    if len(text) > _MOST_SHOWN and differs_at > _MOST_SHOWN // 2:
        text = f"…{text[differs_at - _MOST_SHOWN // 4 :]}"
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
