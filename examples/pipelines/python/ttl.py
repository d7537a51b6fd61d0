"""Checks every event, and forgets an id six hours after it came: state with a TTL, as stream processors keep it."""

import sys
from datetime import datetime, timedelta

from events import delivered, read

events, out, dead = sys.argv[1:]
TTL = timedelta(hours=6)

seen, now = {}, datetime.min
with open(out, "w") as sales, open(dead, "wb") as letters:
    for line in delivered(events):
        event = read(line)
        if event is None:
            letters.write(line)
            continue
        # The newest time in an event is the clock.
        now = max(now, datetime.fromisoformat(event["timestamp"].rstrip("Z")))
        id = event["transaction_id"]
        if id not in seen or now - seen[id] > TTL:
            seen[id] = now
            sales.write(event["line"])
