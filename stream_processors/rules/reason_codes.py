"""The codes under which points are missing from a score."""

from stream_processors.rules import ceilings

FAILURES = "failures"
LITTLE_EVIDENCE = "little_evidence"
INCIDENTS = "incidents"
VIOLATIONS = "violations"
DENIALS = "denials"
CONTRADICTIONS = "contradictions"
SLOWNESS = "slowness"
ABSENCE = "absence"
SPENDING = "spending"
RISE_LIMIT = "rise_limit"

# A code's place is its bit in the published state: add at the end only.
CODES = (
    FAILURES,
    LITTLE_EVIDENCE,
    INCIDENTS,
    VIOLATIONS,
    DENIALS,
    CONTRADICTIONS,
    SLOWNESS,
    ABSENCE,
    SPENDING,
    *ceilings.NAMES,
    RISE_LIMIT,
)
