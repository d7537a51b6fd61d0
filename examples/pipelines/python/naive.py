"""Keeps every copy of an event, drops what comes two hours late, and writes NULL for what it cannot read."""

import glob
import json
import sys
from datetime import datetime, timedelta

events, out = sys.argv[1:]
WATERMARK = timedelta(hours=2)
COLUMNS = ["transaction_id", "product_id", "timestamp", "quantity", "unit_price", "store_id"]

newest = None
with open(out, "w") as sales:
    for file in sorted(glob.glob(f"{events}/*/transactions.ndjson")):
        for line in open(file, errors="replace"):
            try:
                event = json.loads(line)
            except ValueError:
                event = {}
            if not isinstance(event, dict):
                event = {}
            row = {name: event.get(name) for name in COLUMNS}
            try:
                time = datetime.fromisoformat(row["timestamp"].rstrip("Z"))
            except (AttributeError, ValueError):
                time = None
            if time:
                # One store with a clock that is ahead makes all others late.
                newest = max(newest or time, time)
                if time < newest - WATERMARK:
                    continue
            sales.write(json.dumps(row) + "\n")
