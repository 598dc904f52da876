"""Where a bucket is, and the client that speaks to it (decisions/0082)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from obstore.store import S3Store

if TYPE_CHECKING:
    from obstore.store import S3Credential

    from paraph.kit.settings import Settings

CONNECT_SECONDS = 3
TRIES = 3
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1


@dataclass(frozen=True)
class Bucket:
    """A bucket, the key to it, and how it is asked."""

    name: str
    url: str
    """Address of the bucket itself; keys follow after a slash."""
    region: str
    prefix: str
    """Path in the bucket, without slashes at its ends."""
    access_key_id: str
    secret_access_key: str = field(repr=False)
    seconds: int
    """What one request may take; ``patience`` is for all its tries together."""
    is_virtual: bool = False
    encryption: str = "none"
    kms_key: str = ""

    @classmethod
    def from_settings(cls, settings: Settings) -> Bucket:
        """Return the bucket that the settings name."""
        virtual = settings.s3_addressing == "virtual" or (
            settings.s3_addressing == "auto" and not settings.s3_endpoint
        )
        endpoint = settings.s3_endpoint.rstrip("/") or f"https://s3.{settings.s3_region}.amazonaws.com"
        return cls(
            name=settings.s3_bucket,
            url=_bucket_url(endpoint, settings.s3_bucket, virtual=virtual),
            region=settings.s3_region,
            prefix=settings.s3_prefix.strip("/"),
            access_key_id=settings.s3_access_key_id,
            secret_access_key=settings.s3_secret_access_key,
            seconds=settings.s3_seconds,
            is_virtual=virtual,
            encryption=settings.s3_encryption,
            kms_key=settings.s3_kms_key,
        )

    @property
    def patience(self) -> float:
        """Seconds that all tries of a small request may take together, pauses included."""
        return self.seconds * TRIES

    def client(self) -> S3Store:
        """Return a client whose paths begin at the prefix."""
        return S3Store(
            self.name,
            prefix=self.prefix or None,
            endpoint=self.url if self.is_virtual else self.url.removesuffix(f"/{self.name}"),
            region=self.region,
            virtual_hosted_style_request=self.is_virtual,
            # given this way, nothing of AWS_* in the environment takes their place
            credential_provider=self._credentials,
            client_options={
                "timeout": timedelta(seconds=self.seconds),
                "connect_timeout": timedelta(seconds=min(CONNECT_SECONDS, self.seconds)),
                "allow_http": self.url.startswith("http://"),
            },
            retry_config={
                "max_retries": TRIES - 1,
                "backoff": {
                    "init_backoff": timedelta(seconds=FIRST_PAUSE_SECONDS),
                    "max_backoff": timedelta(seconds=LONGEST_PAUSE_SECONDS),
                },
                "retry_timeout": timedelta(seconds=self.patience),
            },
            # the store computes the same sum over what arrived, and refuses what was damaged on its way
            checksum_algorithm="sha256",
            **self._encryption(),
        )

    def _credentials(self) -> S3Credential:
        return {
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key,
            "expires_at": None,
        }

    def _encryption(self) -> dict[str, Any]:
        if self.encryption == "none":
            return {}
        key = {"sse_kms_key_id": self.kms_key} if self.kms_key else {}
        return {"server_side_encryption": self.encryption, **key}


def _bucket_url(endpoint: str, name: str, *, virtual: bool) -> str:
    if not virtual:
        return f"{endpoint}/{name}"
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{name}.{parts.netloc}"
