"""Every metric of the door, in one list; labels come from closed sets and never hold an id."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter(
    "gateway_requests_total",
    "Requests answered, by the template of their path, method and status.",
    ["route", "method", "status"],
)
REQUEST_SECONDS = Histogram(
    "gateway_request_seconds",
    "From the head of a request to its last byte, streams left out.",
    ["route"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20),
)
EVENTS_TAKEN = Counter("gateway_events_taken_total", "Events answered with their position.", ["command"])
EVENTS_REPEATED = Counter(
    "gateway_events_repeated_total", "Events that had been taken before and got the first answer again."
)
RECORDS_OWED = Gauge(
    "gateway_records_owed", "Records that are committed and that the broker has not acknowledged."
)
RECORD_OWED_OLDEST = Gauge("gateway_record_owed_oldest_seconds", "Age of the oldest of them.")
RECORDS_SWEPT = Counter(
    "gateway_records_swept_total", "Records sent by the sweeper: their door did not get to it."
)
OWN_FACTS_UNTOLD = Counter("gateway_own_facts_untold_total", "Facts of the door that were not told in time.")
EVENTS_REFUSED = Counter("gateway_events_refused_total", "Events that did not pass the door.", ["reason"])
REFUSALS_UNTOLD = Counter(
    "gateway_refusals_untold_total", "Refusals beyond a party's limit, of which no fact was told."
)
FORMS_SENT = Counter("gateway_forms_sent_total", "Report forms of people without an account.", ["outcome"])
REQUESTS_OPEN = Gauge("gateway_requests_open", "Requests that are being answered, streams included.")
INBOX_RECORDS = Counter(
    "gateway_inbox_records_total", "Records of partners' inboxes, by what came of them.", ["outcome"]
)
INBOX_LOST = Counter("gateway_inbox_lost_total", "Records of inboxes that expired before anybody read them.")
