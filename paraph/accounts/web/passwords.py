"""Passwords at the rim: hashing is slow on purpose, so it runs in threads, a few at a time, outside transactions."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from paraph.accounts.log_in import Candidate, WrongPassword
from paraph.accounts.passwords import hash_password, needs_rehash, password_matches

if TYPE_CHECKING:
    from collections.abc import Callable

    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

AT_ONCE = 4
"""Each hash takes 64 MiB: the pool bounds the memory that a burst of log-ins can ask for."""

_THREADS = ThreadPoolExecutor(AT_ONCE, "passwords")


async def hashed(password: str) -> str:
    """Return the hash of a new password."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, hash_password, password)


async def verified(admit: Callable[[WriteTx], Candidate], password: str, kit: Kit) -> Candidate:
    """Return the candidate that ``admit`` lets try, once the password fitted; raises WrongPassword, TooManyRequests.

    The try is counted in a transaction of its own, durable before the password is looked at, and the transaction
    that lets the person in comes after: fifty parallel tries are fifty, and no lock is held while hashing.
    """
    candidate = await kit.db.write(admit)
    loop = asyncio.get_running_loop()
    if not await loop.run_in_executor(_THREADS, password_matches, candidate.password_hash, password):
        raise WrongPassword
    return candidate


async def rehashed(candidate: Candidate, password: str) -> str | None:
    """Return a new hash when the stored one was made with other parameters than today's, else None."""
    if candidate.password_hash is None or not needs_rehash(candidate.password_hash):
        return None
    return await hashed(password)
