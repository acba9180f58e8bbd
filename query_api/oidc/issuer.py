"""The identity provider as the query API asks it: who has sent this token?"""

from query_api import errors
from query_api.auth import Caller
from query_api.oidc.claims import operator_of
from query_api.oidc.key_source import KeysAwayError, KeySource, UnknownKeyError
from query_api.oidc.settings import Provider
from query_api.oidc.tokens import BadTokenError, read_header, verified_claims
from runtime.problems import ProblemError


class Issuer:
    """One issuer of tokens and its keys."""

    def __init__(self, provider: Provider) -> None:
        """Nothing is fetched before the first token."""
        self._provider = provider
        self._keys = KeySource(provider.jwks_url)

    async def stop(self) -> None:
        """Disconnect."""
        await self._keys.stop()

    async def authenticate(self, token: str) -> Caller:
        """The caller whom a token speaks of.

        Raises:
            ProblemError: UNAUTHENTICATED, the token does not count; FORBIDDEN, it gives no role or tenant;
                ISSUER_AWAY, nobody can tell.
        """
        try:
            header = read_header(token)
            key = await self._keys.key(header.key_id)
            claims = verified_claims(token, header, key, self._provider)
        except BadTokenError as error:
            raise ProblemError(errors.UNAUTHENTICATED, f"The token does not count: {error}.") from error
        except UnknownKeyError as error:
            detail = "The token does not count: its issuer has no such key."
            raise ProblemError(errors.UNAUTHENTICATED, detail) from error
        except KeysAwayError as error:
            detail = "Whether the token is good cannot be told: an operator token of ours works all the same."
            raise ProblemError(errors.ISSUER_AWAY, detail) from error
        return Caller(operator_of(claims, self._provider))
