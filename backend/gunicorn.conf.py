"""How gunicorn serves the backend: `gunicorn -c backend/gunicorn.conf.py`."""

import logging
from typing import Any

from backend.config import ConfigError, load_config
from backend.gunicorn_logger import GunicornLogger
from backend.logs import set_up_logs
from backend.services import services_of

try:
    _config = load_config()
    _port, _level, _environment = _config.port, _config.log_level, _config.environment
except ConfigError:
    # backend.wsgi reports it in one line and ends the process; here it would be a traceback.
    _port, _level, _environment = 5000, "INFO", "unknown"

set_up_logs(_level, _environment)

wsgi_app = "backend.wsgi:app"
bind = f"0.0.0.0:{_port}"
worker_class = "backend.gunicorn_worker.Worker"
workers = 2
threads = 16
# Load the application before forking: a wrong configuration ends the process, not worker by worker.
preload_app = True
# A store call takes at most 4 x 3 s plus pauses; a worker silent for longer hangs.
timeout = 30
# On SIGTERM requests in flight get this long; ECS kills after 30 s unless told otherwise.
graceful_timeout = 25
# Longer than a load balancer keeps idle connections (60 s), or it would meet closed ones: 502.
keepalive = 75
# Only the load balancer can reach a task, and it sets X-Forwarded-Proto: links begin with https.
forwarded_allow_ips = "*"
# None of the headers that gunicorn would take for its environment: clients could send SCRIPT_NAME.
forwarder_headers = ""
logger_class = GunicornLogger
accesslog = "-"
# Not on the disk: heartbeats must not wait for it, and the root file system may be read-only.
worker_tmp_dir = "/dev/shm"
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Fetch the user pool's keys once for all workers, before gunicorn forks them.

    A new task would otherwise answer 503 while its first users wait for a slow Cognito. A pool that
    does not answer does not keep the task from starting: short links need no keys.
    """
    if problem := services_of(server.app.wsgi()).verifier.prefetch_keys():
        fields = {"reason": problem}
        message = "the keys of the user pool could not be fetched yet"
        logging.getLogger("backend").warning(message, extra={"fields": fields})
