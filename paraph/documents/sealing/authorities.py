"""Timestamps from the first authority that gives a good one; nothing else ever gets into a file (T26)."""

import base64
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from asn1crypto import cms, tsp
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.path import ValidationPath

from paraph.documents.sandbox.line import NoAnswer, fetch
from paraph.documents.seal_policy import Authority, SealPolicy
from paraph.documents.sealing.token import BadToken, believed_path, without_ballast

LONGEST_SECONDS: Final = 60.0
"""No authority is asked any more when asking has taken so long."""
CLOCK_TOLERANCE: Final = timedelta(hours=1)
HEADERS: Final = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
GRANTED: Final = frozenset({"granted", "granted_with_mods"})


class NoTimestamp(Exception):
    """No authority gave a good timestamp."""


@dataclass(slots=True)
class Asked:
    """What came of asking: who answered well, and whom else we heard nothing good from, in words."""

    answered: Authority | None = None
    failures: dict[str, str] = field(default_factory=dict)


class Authorities(TimeStamper):
    """pyHanko's timestamper over several authorities. Once one has answered, it alone is asked again: the
    revocation answers that are embedded are those for its certificates."""

    def __init__(self, policy: SealPolicy, authorities: Sequence[Authority]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # it has no annotations
        self.asked = Asked()
        self.path: ValidationPath | None = None
        self.given_at: datetime | None = None
        self.policy = policy
        self._authorities = tuple(authorities)

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A token that was checked. Raises NoTimestamp."""
        started = time.monotonic()
        for pause in self.policy.pauses:
            time.sleep(pause)  # noqa: ASYNC251 - this process does nothing else
            for authority in (self.asked.answered,) if self.asked.answered else self._authorities:
                if time.monotonic() - started > LONGEST_SECONDS:
                    break
                try:
                    token = await self._from(authority, message_digest, md_algorithm)
                except (NoAnswer, BadToken) as trouble:
                    self.asked.failures[authority.url] = f"{authority.name}: {trouble}"
                    continue
                self.asked.answered = authority
                return token
        raise NoTimestamp("; ".join(self.asked.failures.values()))

    async def _from(self, authority: Authority, digest: bytes, algorithm: str) -> cms.ContentInfo:
        nonce, request = self.request_cms(digest, algorithm)  # type: ignore[no-untyped-call]
        headers = HEADERS | _authorization(authority)
        answer = fetch(authority.url, headers, request.dump(), self.policy.seconds)
        token = _granted(answer)
        information = _information(token)
        _compare(information, digest, algorithm, nonce)
        self.path = await believed_path(token, self.policy.roots, digest)
        self.given_at = information["gen_time"].native
        return without_ballast(token, self.path)


def _authorization(authority: Authority) -> dict[str, str]:
    if not authority.username:
        return {}
    secret = base64.b64encode(f"{authority.username}:{authority.password}".encode()).decode()
    return {"Authorization": f"Basic {secret}"}


def _granted(answer: bytes) -> cms.ContentInfo:
    try:
        response = tsp.TimeStampResp.load(answer, strict=True)
        status = response["status"]["status"].native
        if status not in GRANTED:
            raise BadToken(f"it refused: {status}")
        token = response["time_stamp_token"]
        token.dump()
        if token["content_type"].native != "signed_data":
            raise BadToken("its answer holds no timestamp")
    except (ValueError, TypeError, KeyError) as garbled:
        raise BadToken("its answer is no timestamp response") from garbled
    return token


def _information(token: cms.ContentInfo) -> tsp.TSTInfo:
    try:
        information = token["content"]["encap_content_info"]["content"].parsed
        if not isinstance(information, tsp.TSTInfo):
            raise BadToken("its answer holds no timestamp")
        _ = information.native  # parse all of it now
    except (ValueError, TypeError, KeyError, AttributeError) as garbled:
        raise BadToken("its timestamp cannot be read") from garbled
    return information


def _compare(information: tsp.TSTInfo, digest: bytes, algorithm: str, nonce: int) -> None:
    """RFC 3161, 2.4.2: the answer must be one to this very question."""
    imprint = information["message_imprint"]
    if imprint["hash_algorithm"]["algorithm"].native != algorithm:
        raise BadToken("its timestamp uses another hash")
    if imprint["hashed_message"].native != digest:
        raise BadToken("its timestamp is for something else (wrong imprint)")
    if information["nonce"].native != nonce:
        raise BadToken("its timestamp answers another question (wrong nonce)")
    if abs(information["gen_time"].native - datetime.now(UTC)) > CLOCK_TOLERANCE:
        raise BadToken("its clock and ours are more than an hour apart")
