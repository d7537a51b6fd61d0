"""Runs a command and writes what it used to a file: CPU seconds of it and its children, and the largest of them in bytes.

Usage: usage.py FILE COMMAND...
"""

import json
import resource
import subprocess
import sys

code = subprocess.call(sys.argv[2:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as file:
    json.dump({"cpu": used.ru_utime + used.ru_stime, "peakBytes": used.ru_maxrss * 1024}, file)
sys.exit(code)
