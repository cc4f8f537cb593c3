"""A regional template and the agreement that fills it in, joined into one; and what the agreement does otherwise.

The rule of joining (S004-06):

- What has keys is joined key by key, however deep; where both say something, the file's own value holds.
- `parties` are joined by their `id` and `obligations` by their `name`: the file's own is laid over the template's of
  that name, and its further ones come after.
- Every other list or value of the file takes the place of the whole one of the template. So does a length of time, the
  `week` of a calendar and the fact of `opened_by`, which have keys and are one value all the same.
- A part answered by `not_applicable` in the file takes the place of the template's part as a whole, and a part given in
  the file that of a `not_applicable` one of the template.

Of the template's `meta`, its own name, version and title stay with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from services.agreements.findings import Finding, Path
from services.agreements.written import Written, read_written

#: Lists that are joined item by item, and the key their items are known by.
JOINED_BY: Mapping[str, str] = {"parties": "id", "obligations": "name"}
#: Parts that are one value though they have keys: these by where they are, a length of time by its keys.
_ONE_VALUE = frozenset({("calendars", "week"), ("obligations", "opened_by")})
_LENGTHS = ({"days", "counting"}, {"working_days", "calendar"}, {"working_hours", "calendar"})
_OF_THE_TEMPLATE = frozenset({"template", "version", "title", "inherits"})
#: What makes a file this file, and no other: no difference of opinion with a template.
_OF_THE_FILE = frozenset({"partnership", "title", "version", "valid_from", "signed", "inherits"})


class FilledIn(NamedTuple):
    """An agreement with its template, what is wrong with how they fit, and whether what is missing is really missing:
    without its template a file cannot be blamed for what the template may say."""

    whole: Written
    findings: tuple[Finding, ...]
    is_complete: bool


class Difference(NamedTuple):
    """A part that a file adds to its template, or has otherwise: by the names that lead to it, as plain values.

    Parties and obligations are named by their `id` or `name`. `line` is the file's.
    """

    kind: Literal["adds", "changes"]
    path: Path
    own: object
    template: object
    line: int

    @property
    def name(self) -> str:
        """Its path as people write it."""
        return ".".join(map(str, self.path))


def filled_in(own: Written, template: Written | None) -> FilledIn:
    """The file and its template joined, or the file alone."""
    meta = own.keys().get("meta", own)
    inherits = meta.keys().get("inherits")
    if inherits is None:
        unasked = meta.place.key_finding("template_not_asked_for")
        return FilledIn(own, () if template is None else (unasked,), is_complete=True)
    asked = _name_and_version(inherits)
    if asked is None:
        return FilledIn(own, (), is_complete=False)
    name, version = asked
    if template is None:
        missing = inherits.place.finding("inherits_missing", name=name, version=version)
        return FilledIn(own, (missing,), is_complete=False)
    unfit = list(_unfit(template))
    given = _name_and_version(template.keys().get("meta", template))
    if given is not None and given != asked:
        words = {"name": name, "version": version, "other": given[0], "other_version": given[1]}
        unfit.append(inherits.place.finding("wrong_template", **words))
    if unfit:
        return FilledIn(own, tuple(unfit), is_complete=False)
    return FilledIn(_join(own, _shared(template), ()), (), is_complete=True)


def template_asked_for(own: Written) -> str:
    """The name of the template a file fills in; empty when it names none."""
    inherits = own.keys().get("meta", own).keys().get("inherits", own)
    return (_name_and_version(inherits) or ("", ""))[0]


def differences_of(text: str, template: str) -> tuple[Difference, ...]:
    """What a file adds to its template or says otherwise, by the file's order; nothing of texts that cannot be read."""
    own, _ = read_written(text)
    found, _ = read_written(template)
    if own is None or found is None:
        return ()
    return tuple(_differ(own, _shared(found), ()))


def _name_and_version(head: Written) -> tuple[str, str] | None:
    """The name and version of a template, as a file asks for it or as it says itself; None when it does not."""
    name, version = head.keys().get("template"), head.keys().get("version")
    if name is None or version is None or isinstance(name.value, list | dict):
        return None
    return str(name.value), str(version.plain())


def _unfit(template: Written) -> Iterator[Finding]:
    """Why this is no template."""
    meta = template.keys().get("meta", template)
    for name in ("template", "version", "title"):
        if name not in meta.keys():  # noqa: SIM118 - no mapping itself
            yield meta.place.key_finding("missing_key", name=name)
    if inherits := meta.keys().get("inherits"):
        yield inherits.place.key_finding("template_of_template")


def _shared(template: Written) -> Written:
    """What a template hands on: all but its own name."""
    parts = dict(template.keys())
    if meta := parts.get("meta"):
        handed = {name: part for name, part in meta.keys().items() if name not in _OF_THE_TEMPLATE}
        parts["meta"] = meta._replace(value=handed)
    return template._replace(value=parts)


def _is_joined(own: Written, template: Written, path: Path) -> bool:
    """Whether both have keys that go together."""
    if len(path) == 3 and (path[0], path[2]) in _ONE_VALUE:
        return False
    return all(
        isinstance(part.value, dict)
        and part.value.keys() not in _LENGTHS
        and "not_applicable" not in part.value
        for part in (own, template)
    )


def _named(several: Written, path: Path) -> dict[str, Written] | None:
    """The items of a list that is joined item by item, by their names, the first of each; None of any other."""
    key = JOINED_BY.get(str(path[0])) if len(path) == 1 else None
    if key is None or not isinstance(several.value, list):
        return None
    found: dict[str, Written] = {}
    for part in several.value:
        name = part.keys().get(key)
        if name is not None and isinstance(name.value, str):
            found.setdefault(name.value, part)
    return found


def _join(own: Written, template: Written, path: Path) -> Written:
    mine, theirs = _named(own, path), _named(template, path)
    if mine is not None and theirs is not None:
        joined = [*_laid_over(mine, theirs, path).values()]
        # What lacks a name or has it twice is nobody's to lay over; it is kept, to be found fault with.
        joined += [part for part in own.items() if not any(part is one for one in mine.values())]
        joined += [part for part in template.items() if not any(part is one for one in theirs.values())]
        return own._replace(value=joined)
    if _is_joined(own, template, path):
        return own._replace(value=_laid_over(own.keys(), template.keys(), path))
    return own


def _laid_over(mine: Mapping[str, Written], theirs: Mapping[str, Written], path: Path) -> dict[str, Written]:
    joined = {
        name: _join(mine[name], part, (*path, name)) if name in mine else part
        for name, part in theirs.items()
    }
    return joined | {name: part for name, part in mine.items() if name not in theirs}


def _differ(own: Written, template: Written, path: Path) -> Iterator[Difference]:
    mine, theirs = _named(own, path), _named(template, path)
    if mine is None or theirs is None:
        if not _is_joined(own, template, path):
            if own.plain() != template.plain():
                yield Difference("changes", path, own.plain(), template.plain(), own.place.key_line)
            return
        mine, theirs = own.keys(), template.keys()
    for name, part in mine.items():
        if path == ("meta",) and name in _OF_THE_FILE:
            continue
        if name in theirs:
            yield from _differ(part, theirs[name], (*path, name))
        else:
            yield Difference("adds", (*path, name), part.plain(), None, part.place.key_line)
