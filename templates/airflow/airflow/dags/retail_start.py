"""The day that follows history: the stream of a run ends as long after history as the run's interval ends after this day.

`retail init --with airflow` writes the day before it first ran, and keeps it. Change it only before the first run: another day moves
the end of every run. RETAIL_START replaces it.
"""

import os
from datetime import datetime, timezone

START = datetime.fromisoformat(os.environ.get("RETAIL_START") or "@RETAIL_START@").replace(tzinfo=timezone.utc)
