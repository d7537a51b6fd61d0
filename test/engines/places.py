"""Where retail runs, and as whom, with some connections of Airflow: for structure.py."""

import json
import os

from airflow.exceptions import AirflowFailException
from retail_connections import open_place

SAID = ("RETAIL_PROJECT", "RETAIL_CREDENTIALS", "RETAIL_IMPERSONATE")


def place_of(name=None, **extra):
    """The place with one connection, and what its key file holds, or the error."""
    variable = f"AIRFLOW_CONN_RETAIL_{name}"
    os.environ[variable] = json.dumps({"conn_type": "generic", "extra": extra})
    try:
        with open_place() as place:
            said = {each: place.env[each] for each in SAID if each in place.env}
            key = said.get("RETAIL_CREDENTIALS", "")
            if os.path.exists(key):
                with open(key) as file:
                    said["RETAIL_CREDENTIALS"] = [file.read(), oct(os.stat(key).st_mode)]
        return {"workspace": str(place.workspace), "command": place.command, **said, "left": os.path.exists(key)}
    except AirflowFailException as error:
        return str(error)
    finally:
        del os.environ[variable]


def places(folder):
    account = {"extra__google_cloud_platform__project": "p", "impersonation_chain": ["b@c"], "scope": "x"}
    return {
        "none": place_of(),
        "workspace": place_of("WORKSPACE", path=folder, command="npx retail"),
        "elsewhere": place_of("WORKSPACE", path="/nowhere"),
        "key": place_of("GCP", keyfile_dict={"a": 1}, **account),
        "path": place_of("GCP", key_path="/keys/a.json", num_retries=5),
        "secret": place_of("GCP", key_secret_name="a"),
    }
