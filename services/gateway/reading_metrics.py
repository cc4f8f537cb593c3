"""Every metric of the door's reading side, in one list; labels come from closed sets and never hold an id."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

READING_AGE = Gauge(
    "gateway_reading_age_seconds", "Since all facts told until then were known to be read by the door."
)
READING_LAG = Gauge("gateway_reading_lag_records", "Facts that the door has not read yet.")
READING_RECORDS = Counter("gateway_reading_records_total", "Facts read, by what came of it.", ["outcome"])
READING_FENCED = Counter("gateway_reading_fenced_total", "Times this process was ended by another reader.")
CONTENT_PULLS = Counter(
    "gateway_content_pulls_total", "Requests for content, by what came of it.", ["outcome"]
)
STREAMS_OPEN = Gauge("gateway_streams_open", "Streams that are open.")
STREAMS_ENDED = Counter("gateway_streams_ended_total", "Streams that ended, by reason.", ["reason"])
STREAM_EVENTS = Counter("gateway_stream_events_total", "Events written to streams.")
STREAM_DELAY = Histogram(
    "gateway_stream_delay_seconds",
    "From an event's time on the broker until a stream has it.",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
LINKS_OPENED = Counter("gateway_links_total", "Links opened or acted on, by what was answered.", ["outcome"])
