"""What a party may say at the door: the commands, drawn from their models, each with the scope it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas import collaboration, coordination, signals
from schemas.base import Said
from services.gateway.tokens import Scope

#: The pattern by which a reference to content is known in a model's schema.
_OF_THE_VAULT = "^vault:"
#: The name under which words stand in `data.content` and the field that will refer to them end alike.
REF = "_ref"
#: Words under a name of their own belong to this field.
CONTENT_REF = "content_ref"


#: Under which a signal, and a ladder by which a party is addressed, are named in a route.
SIGNALS, LADDERS = "/v1/signals", "/v1/collaboration"


class Sayable(NamedTuple):
    """A command. `refs`: its fields that refer to content; `path`: where its own route ends, under what it is about.

    `allotted`: its fields that the door fills in, for whoever says it has other names; `under`: where its route begins.
    """

    model: type[Said]
    scope: Scope
    path: str
    refs: frozenset[str]
    allotted: frozenset[str] = frozenset()
    under: str = SIGNALS

    @property
    def begins(self) -> bool:
        """Whether it begins a signal: then it may say whose case it is, and needs no signal."""
        return not self.path

    @property
    def parts(self) -> frozenset[str]:
        """The fields that are the party's to fill in."""
        return frozenset(self.model.model_fields) - self.allotted

    @property
    def route(self) -> str:
        """Its own route, with `{signal}` for the name of what it is about."""
        return self.under if self.begins else f"{self.under}/{{signal}}/{self.path}"


def refs_of(model: type[Said]) -> frozenset[str]:
    """The fields of a message that hold a reference to content."""
    properties: Mapping[str, Any] = model.model_json_schema()["properties"]
    return frozenset(
        name
        for name, said in properties.items()
        if any(
            str(one.get("pattern", "")).startswith(_OF_THE_VAULT) for one in (said, *said.get("anyOf", ()))
        )
    )


def _said(model: type[Said], path: str, scope: Scope = Scope.SIGNALS_ACT) -> Sayable:
    return Sayable(model, scope, path, refs_of(model))


#: Every command of a party, in the order of a signal's life.
COMMANDS: tuple[Sayable, ...] = (
    _said(signals.ReportSignal, "", Scope.SIGNALS_REPORT),
    _said(signals.AcknowledgeSignal, "acknowledgement"),
    _said(signals.DeclineSignal, "decline"),
    _said(signals.LogCall, "calls"),
    _said(signals.ReassignSignal, "reassignment"),
    _said(signals.InterpretSignal, "interpretation"),
    _said(signals.RecordAction, "actions"),
    _said(signals.EndAction, "action-ends"),
    _said(signals.RecordWait, "waits"),
    _said(signals.GiveFeedback, "feedback"),
    _said(signals.CheckEffect, "effect-check"),
    _said(signals.CloseSignal, "closure"),
    _said(signals.WithdrawSignal, "withdrawal", Scope.SIGNALS_REPORT),
    _said(signals.RecordGround, "grounds"),
    _said(signals.WithdrawGround, "ground-withdrawals"),
    # About the case that a signal belongs to: nobody outside knows a case but by its signals.
    _said(coordination.DescribeCase, "case-description"),
    _said(coordination.TakeRole, "case-roles"),
    _said(coordination.ReleaseRole, "case-role-releases"),
    # About a party that did not keep what was agreed. No case is in it, so there is no key to seal words with.
    Sayable(
        collaboration.AnswerCollaboration,
        Scope.COLLABORATION_ANSWER,
        "answer",
        frozenset(),
        frozenset({"collaboration_id", "content_ref"}),
        LADDERS,
    ),
)
#: CloudEvents `type` → command.
BY_TYPE: Mapping[str, Sayable] = {one.model.type_name(): one for one in COMMANDS}
