"""gunicorn's configuration: `gunicorn -c backend/gunicorn.conf.py`."""

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
    # backend.wsgi reports it in one line and exits; here it would be a traceback.
    _port, _level, _environment = 5000, "INFO", "unknown"

set_up_logs(_level, _environment)

wsgi_app = "backend.wsgi:app"
bind = f"0.0.0.0:{_port}"
worker_class = "backend.gunicorn_worker.Worker"
workers = 2
threads = 16
# Load the application before forking: an invalid configuration ends the process once.
preload_app = True
# A store call takes at most 4 x 3 s plus pauses; a worker without heartbeat for longer hangs.
timeout = 30
# The time for requests in flight after SIGTERM; ECS's stopTimeout is 30 s by default.
graceful_timeout = 25
# Longer than the load balancer's idle timeout (60 s); otherwise it could use closed connections:
# 502.
keepalive = 75
# Only the load balancer can reach a task, so X-Forwarded-Proto is trusted.
forwarded_allow_ips = "*"
# No headers that gunicorn would copy into its environment; clients could send SCRIPT_NAME.
forwarder_headers = ""
logger_class = GunicornLogger
accesslog = "-"
# In memory: heartbeats must not wait for a disk, and the root file system may be read-only.
worker_tmp_dir = "/dev/shm"
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Fetch the user pool's keys once for all workers, before gunicorn forks them.

    Otherwise a new task would answer 503 while its first users wait for a slow Cognito. If the pool
    does not answer, the task starts all the same, because short links need no keys.
    """
    if problem := services_of(server.app.wsgi()).verifier.prefetch_keys():
        fields = {"reason": problem}
        message = "the keys of the user pool could not be fetched yet"
        logging.getLogger("backend").warning(message, extra={"fields": fields})
