"""Inserts each message that it pulls: it keeps every copy of an event, and drops what it cannot read.

naive.py projects/PROJECT/subscriptions/NAME PROJECT.DATASET.TABLE
"""

import json
import os
import sys
import time
from base64 import b64decode
from urllib.request import Request, urlopen

subscription, table = sys.argv[1:]
project, dataset, name = table.split(".")
PUBSUB = os.environ.get("PUBSUB", "https://pubsub.googleapis.com")
BIGQUERY = os.environ.get("BIGQUERY", "https://bigquery.googleapis.com")
IDLE_SECONDS = 5


def post(url, body):
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {os.environ['TOKEN']}"}
    with urlopen(Request(url, json.dumps(body).encode(), headers)) as answer:
        return json.load(answer)


def row_of(data):
    event = json.loads(b64decode(data))
    names = ("transaction_id", "product_id", "store_id", "timestamp")
    numbers = {"quantity": int(event["quantity"]), "unit_price": float(event["unit_price"])}
    return {name: str(event[name]) for name in names} | numbers


last = time.monotonic()
while time.monotonic() - last < IDLE_SECONDS:
    pulled = post(f"{PUBSUB}/v1/{subscription}:pull", {"maxMessages": 500, "returnImmediately": True})
    messages = pulled.get("receivedMessages", [])
    if not messages:
        time.sleep(0.2)
        continue
    rows = []
    for message in messages:
        try:
            rows.append({"json": row_of(message["message"]["data"])})
        except (ValueError, KeyError, TypeError):
            continue
    if rows:
        post(
            f"{BIGQUERY}/bigquery/v2/projects/{project}/datasets/{dataset}/tables/{name}/insertAll",
            {"rows": rows, "skipInvalidRows": True},
        )
    post(f"{PUBSUB}/v1/{subscription}:acknowledge", {"ackIds": [message["ackId"] for message in messages]})
    last = time.monotonic()
