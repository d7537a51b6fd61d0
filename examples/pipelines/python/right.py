"""Checks every event, and keeps the first copy of the newest version of each id, however late another one comes."""

import sys

from events import delivered, read

events, out, dead = sys.argv[1:]

# In production, this lives where the rows do: a primary key, not a dictionary in memory.
newest = {}
with open(dead, "wb") as letters:
    for line in delivered(events):
        event = read(line)
        if event is None:
            letters.write(line)
            continue
        # Only events that can be corrected have a version. A deletion stays, in case an older version comes after it.
        known = newest.get(event["transaction_id"])
        if known is None or event.get("version", 1) > known.get("version", 1):
            newest[event["transaction_id"]] = event
with open(out, "w") as sales:
    for event in newest.values():
        if event.get("op") != "delete":
            sales.write(event["line"])
