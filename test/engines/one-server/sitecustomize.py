"""On PYTHONPATH: all tasks of one `airflow dags test` share a server of the execution API.

Airflow 3.1.7 makes one inside the process for every task, which takes most of the command's processor time. A scheduler
makes none, so nothing that a template does depends on it.
"""

import functools
import importlib.util
import sys

SUPERVISOR = "airflow.sdk.execution_time.supervisor"


class OneServer:
    def find_spec(self, name, path, target=None):
        if name != SUPERVISOR:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            module.in_process_api_server = functools.cache(module.in_process_api_server)

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, OneServer())
