"""What the demo's agents may do: the guard that every job passes before it is begun; pure."""

from collections.abc import Sequence
from pathlib import Path

from infra.demo.jobs import HashFile, Job, Refused, RunQuery
from schemas.messages.values import Severity

FILE_OUTSIDE_SCOPE = "file_outside_scope"
WRITING_STATEMENT = "writing_statement"


def refusal_of(job: Job, folders: Sequence[Path]) -> Refused | None:
    """Why a job must not be begun, or None: files only below `folders`, SQL only to read."""
    match job:
        case HashFile(path=path):
            real = path.resolve()
            if not any(real.is_relative_to(folder) for folder in folders):
                text = f"wanted to read {path}, which is outside its folders"
                return Refused(job, FILE_OUTSIDE_SCOPE, Severity.MEDIUM, text)
        case RunQuery(sql=sql):
            if not sql.lstrip().upper().startswith("SELECT "):
                text = f"wanted to run a statement that is not a SELECT: {sql}"
                return Refused(job, WRITING_STATEMENT, Severity.CRITICAL, text)
        case _:
            pass
    return None
