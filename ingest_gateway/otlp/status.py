"""Errors as OTLP says them: the code and text of a `google.rpc.Status`; pure.

https://opentelemetry.io/docs/specs/otlp/#failures-1
"""

from google.rpc import code_pb2

from runtime.problems import ProblemError

_CODES = {
    401: code_pb2.UNAUTHENTICATED,
    403: code_pb2.PERMISSION_DENIED,
    404: code_pb2.NOT_FOUND,
    405: code_pb2.UNIMPLEMENTED,
    408: code_pb2.DEADLINE_EXCEEDED,
    429: code_pb2.RESOURCE_EXHAUSTED,
    500: code_pb2.INTERNAL,
    503: code_pb2.UNAVAILABLE,
}


def rpc_code(http_status: int) -> int:
    """The code of `google.rpc.Code` for a status of HTTP."""
    return int(_CODES.get(http_status, code_pb2.INVALID_ARGUMENT))


def message_of(problem: ProblemError) -> str:
    """What a developer reads: what is wrong, what to do, and the tag of the error table."""
    detail = f": {problem.detail}" if problem.detail else ""
    return f"{problem.kind.title}{detail} [{problem.kind.tag}]"
