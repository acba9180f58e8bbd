"""Structured logs: one JSON object a line on stderr, from our code and from libraries alike; no floods."""

import logging
import sys

import structlog

from runtime.repeat_filter import RepeatFilter, add_suppressed

# At DEBUG they write down what they send: rows of agents, and passwords.
_TALKATIVE = ("aiokafka", "faust", "clickhouse_connect", "httpcore", "urllib3")


def configure(service: str, level: str) -> None:
    """Set the process's logging up once, before anything logs; `service` is on every line."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                add_suppressed,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    handler.addFilter(RepeatFilter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(max(root.level, logging.INFO))
    structlog.contextvars.bind_contextvars(service=service)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module; events are short names, facts are keyword arguments, never a secret."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
