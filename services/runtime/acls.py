"""Reads, gives and takes away permissions on a broker: aiokafka has the words, and no method for them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, cast

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import IncompatibleBrokerVersion, KafkaConnectionError
from aiokafka.protocol.admin import (
    CreateAclsRequest_v1,
    DeleteAclsRequest_v1,
    DescribeAclsRequest,
    DescribeAclsRequest_v1,
)
from aiokafka.protocol.api import Request

from services.runtime.admin import admin_client
from services.runtime.reach import Security
from topics.acl import Acl, Difference, Pattern, Permission, Resource, compare

_ANY = 1
_RESOURCES: dict[int, Resource] = {2: "topic", 3: "group", 4: "cluster", 5: "transactional-id"}
_PATTERNS: dict[int, Pattern] = {3: "literal", 4: "prefixed"}
_PERMISSIONS: dict[int, Permission] = {2: "deny", 3: "allow"}
_OPERATIONS = dict(
    enumerate(
        (
            "all",
            "read",
            "write",
            "create",
            "delete",
            "alter",
            "describe",
            "clusteraction",
            "describeconfigs",
            "alterconfigs",
            "idempotentwrite",
            "createtokens",
            "describetokens",
        ),
        start=2,
    )
)
_CODE = {
    word: code
    for table in (_RESOURCES, _PATTERNS, _PERMISSIONS, _OPERATIONS)
    for code, word in cast(dict[int, str], table).items()
}
#: The broker's own codes for: it checks nobody, and we are not one who may ask.
_SECURITY_DISABLED, _NOT_ALLOWED = 54, 31
#: Permissions a request carries at most.
_AT_ONCE = 200
_POLL_S = 0.1


class AclsRefused(Exception):
    """The broker will not tell or change permissions; the text says why and what to do."""


class _Create(Request[CreateAclsRequest_v1]):  # type: ignore[misc]
    """aiokafka's own request carries one permission; a plan has hundreds."""

    API_KEY = CreateAclsRequest_v1.API_KEY

    def __init__(self, acls: Sequence[Acl]) -> None:
        self._acls = acls

    def build(self, request_struct_class: type[CreateAclsRequest_v1]) -> CreateAclsRequest_v1:
        return request_struct_class([_coded(acl) for acl in self._acls])


class _Delete(Request[DeleteAclsRequest_v1]):  # type: ignore[misc]
    """The same, to take away; each of them names one permission whole."""

    API_KEY = DeleteAclsRequest_v1.API_KEY

    def __init__(self, acls: Sequence[Acl]) -> None:
        self._acls = acls

    def build(self, request_struct_class: type[DeleteAclsRequest_v1]) -> DeleteAclsRequest_v1:
        return request_struct_class([_coded(acl) for acl in self._acls])


class _Describe(Request[DescribeAclsRequest_v1]):  # type: ignore[misc]
    """Every permission there is."""

    API_KEY = DescribeAclsRequest.API_KEY

    def build(self, request_struct_class: type[DescribeAclsRequest_v1]) -> DescribeAclsRequest_v1:
        return request_struct_class(_ANY, None, _ANY, None, None, _ANY, _ANY)


async def look(
    bootstrap: str, wanted: Sequence[Acl], *, security: Security | None = None, within_s: float = 10.0
) -> Difference:
    """How the broker differs from a plan."""
    async with admin_client(bootstrap, security, within_s) as admin:
        return compare(wanted, await _found(admin))


async def give(
    bootstrap: str,
    wanted: Sequence[Acl],
    *,
    is_pruned: bool = False,
    security: Security | None = None,
    within_s: float = 30.0,
) -> Difference:
    """Gives what is missing and, when asked to, takes away what is ours and no longer wanted; returns what it found.

    Taking away comes last: in between somebody may have a permission too many, and never one too few.
    """
    async with admin_client(bootstrap, security, within_s) as admin:
        found = compare(wanted, await _found(admin))
        gone = found.unwanted if is_pruned else ()
        for some in _parts(found.missing):
            answer = await _ask(admin, _Create(some))
            _expect(answer.creation_responses)
        for some in _parts(gone):
            answer = await _ask(admin, _Delete(some))
            _expect(answer.filter_responses)
        # News is on its way to every broker for a moment: it is done when it can be seen.
        while not _is_settled(compare(wanted, await _found(admin)), gone):
            await asyncio.sleep(_POLL_S)
        return found


def _is_settled(now: Difference, gone: Sequence[Acl]) -> bool:
    return not now.missing and not {*now.unwanted} & {*gone}


def _parts(acls: Sequence[Acl]) -> Iterable[Sequence[Acl]]:
    return (acls[at : at + _AT_ONCE] for at in range(0, len(acls), _AT_ONCE))


async def _ask(admin: AIOKafkaAdminClient, request: Any) -> Any:
    try:
        return await admin._send_request(request)
    except (IncompatibleBrokerVersion, KafkaConnectionError):
        # It answered a moment ago, and hangs up at this question: the embedded broker does.
        raise AclsRefused(
            "this broker does not take permissions; the embedded one has none, and whoever reaches it may do anything"
        ) from None


async def _found(admin: AIOKafkaAdminClient) -> list[Acl]:
    answer = await _ask(admin, _Describe())
    _expect([(answer.error_code, answer.error_message)])
    return [
        Acl(
            principal,
            _RESOURCES[resource],
            name,
            _PATTERNS[pattern],
            _OPERATIONS.get(operation, str(operation)),
            host,
            _PERMISSIONS[permission],
        )
        for resource, name, pattern, acls in answer.resources
        for principal, host, operation, permission in acls
        if resource in _RESOURCES
    ]


def _coded(acl: Acl) -> tuple[int, str, int, str, str, int, int]:
    return (
        _CODE[acl.resource],
        acl.name,
        _CODE[acl.pattern],
        acl.principal,
        acl.host,
        _CODE[acl.operation],
        _CODE[acl.permission],
    )


def _expect(answers: Iterable[Any]) -> None:
    for code, says, *_ in answers:
        if code == _SECURITY_DISABLED:
            raise AclsRefused(
                "this broker checks no permissions: give it an authorizer (authorizer.class.name), or whoever reaches "
                "it may do anything"
            )
        if code == _NOT_ALLOWED:
            raise AclsRefused(
                "this account may not read or change permissions: use one of the broker's administrators (super.users)"
            )
        if code:
            raise AclsRefused(f"the broker will not change its permissions: {says or f'error {code}'}")
