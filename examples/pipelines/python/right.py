"""Checks every event, and keeps the first copy of each id, however late another one comes."""

import sys

from events import delivered, read

events, out, dead = sys.argv[1:]

# In production, the ids live where the rows do: a primary key, not a set in memory.
seen = set()
with open(out, "w") as sales, open(dead, "wb") as letters:
    for line in delivered(events):
        event = read(line)
        if event is None:
            letters.write(line)
        elif event["transaction_id"] not in seen:
            seen.add(event["transaction_id"])
            sales.write(event["line"])
