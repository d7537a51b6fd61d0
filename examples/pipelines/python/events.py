"""The contract of an event. What breaks it is no row: somebody has to look at it."""

import glob
import json
import re

TEXT = {
    "transaction_id": r"T\d{6}-\d{4,}-\d{6,}",
    "product_id": r"P\d{5,}",
    "store_id": r"S\d{4,}",
    "timestamp": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?",
}


def delivered(folder):
    """The lines of bytes that were delivered, in order of arrival."""
    for file in sorted(glob.glob(f"{folder}/*/transactions.ndjson")):
        yield from open(file, "rb")


def read(line):
    """The event of a line of bytes, or None."""
    try:
        # Strict: a broken byte in an id would make another id.
        text = line.decode("utf-8")
        event = json.loads(text)
    except ValueError:
        return None
    if not isinstance(event, dict):
        return None
    for name, pattern in TEXT.items():
        if not isinstance(event.get(name), str) or not re.fullmatch(pattern, event[name]):
            return None
    quantity, price = event.get("quantity"), event.get("unit_price")
    if type(quantity) not in (int, float) or quantity != int(quantity) or not 0 < quantity < 1_000_000:
        return None
    if type(price) not in (int, float) or price < 0:
        return None
    return {**event, "line": text}
