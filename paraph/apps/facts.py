"""What this room tells the rooms above it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AppScopesChanged:
    """The app's scopes are others now: what users granted no longer holds."""

    app_pk: int


@dataclass(frozen=True, slots=True)
class AppSuspended:
    """An operator suspended the app: nothing of it may work from now on."""

    app_pk: int


@dataclass(frozen=True, slots=True)
class AppDeleting:
    """The app's row is about to go."""

    app_pk: int


@dataclass(frozen=True, slots=True)
class AppSecretRotated:
    """The app has a new secret; ``compromised`` when the owner fears that the old one is known to others."""

    app_pk: int
    compromised: bool
