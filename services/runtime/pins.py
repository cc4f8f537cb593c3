"""What this runtime was measured with: exact versions, and the names it touches below public APIs (engine C14, C17).

A newer Faust or aiokafka may be fine and may lose records; nobody knows before the contract tests ran on it.
So a worker refuses to start with anything else.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from operator import attrgetter

PINS = {"faust-streaming": "0.15.3", "aiokafka": "0.14.0", "mode-streaming": "0.7.1"}

#: module → attributes we reach for although nobody promised them.
TOUCHED: dict[str, tuple[str, ...]] = {
    "aiokafka.admin": ("AIOKafkaAdminClient._send_request",),
    "aiokafka.conn": ("collect_hosts", "create_conn"),
    "aiokafka.protocol.admin": ("CreateAclsRequest_v1", "DeleteAclsRequest_v1", "DescribeAclsRequest_v1"),
    "aiokafka.consumer.fetcher": (
        "PartitionRecords._unpack_records",
        "PartitionRecords._consumer_record",
        "PartitionRecords._consume_aborted_up_to",
        "PartitionRecords._contains_abort_marker",
        "MemoryRecords",
        "FetchResult.check_assignment",
        "FetchResult.has_more",
        "FetchResult._update_position",
        "Fetcher._notify",
        "Fetcher._create_fetch_waiter",
        "READ_COMMITTED",
    ),
    "aiokafka.consumer.subscription_state": (
        "SubscriptionState.fetch_context",
        "SubscriptionState.reassignment_in_progress",
        "TopicPartitionState.position",
        "TopicPartitionState.has_valid_position",
    ),
    "aiokafka.producer.sender": ("BACKOFF_OVERRIDE",),
    "aiokafka.producer.message_accumulator": ("BatchBuilder._build", "BatchBuilder._set_producer_state"),
    "aiokafka.record.default_records": ("_DefaultRecordBatchPy._maybe_uncompress",),
    "aiokafka.record.memory_records": ("MemoryRecords.next_batch", "MemoryRecords.has_next"),
    "aiokafka.record.util": ("decode_varint",),
    "faust": (
        "App._create_directories",
        "App._new_transport",
        "App._update_assignment",
        "App._wait_for_table_recovery_completed",
        "App._on_agent_error",
    ),
    "faust.transport.drivers.aiokafka": (
        "AIOKafkaConsumerThread._create_worker_consumer",
        "AIOKafkaConsumerThread._ensure_consumer",
        "AIOKafkaConsumerThread.__post_init__",
        "Consumer._new_consumer_thread",
        "Transport.Consumer",
    ),
    "faust.transport.consumer": (
        "Consumer.perform_seek",
        "Consumer.wait_empty",
        "Consumer.commit",
        "Consumer.verify_all_partitions_active",
        "Consumer.on_task_error",
        "ThreadDelegateConsumer.threadsafe_partitions_revoked",
        "ThreadDelegateConsumer.threadsafe_partitions_assigned",
    ),
}


class PinError(Exception):
    """The installed libraries are not those this runtime was proved with."""


def check_pins() -> None:
    """Raises `PinError` naming every difference and the way out."""
    wrong = [
        f"{name} {found} is installed, {wanted} is wanted"
        for name, wanted in PINS.items()
        if (found := _installed(name)) != wanted
    ]
    wrong += [
        f"{module}.{name} does not exist"
        for module, names in TOUCHED.items()
        for name in _missing(module, names)
    ]
    if wrong:
        raise PinError("; ".join(wrong) + ". Install from requirements.lock.")


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "nothing"


def _missing(module: str, names: tuple[str, ...]) -> list[str]:
    found = import_module(module)
    missing = []
    for name in names:
        try:
            attrgetter(name)(found)
        except AttributeError:
            missing.append(name)
    return missing
