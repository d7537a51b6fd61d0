"""Checks every event, and lets the one that comes last win, of whatever version: an upsert."""

import sys

from events import delivered, read

events, out, dead = sys.argv[1:]

sales = {}
with open(dead, "wb") as letters:
    for line in delivered(events):
        event = read(line)
        if event is None:
            letters.write(line)
        elif event.get("op") == "delete":
            sales.pop(event["transaction_id"], None)
        else:
            sales[event["transaction_id"]] = event["line"]
with open(out, "w") as file:
    file.writelines(sales.values())
