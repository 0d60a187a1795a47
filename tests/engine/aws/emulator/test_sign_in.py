"""The numbers of a sign-in by SRP, which clients read as AWS writes them."""

from __future__ import annotations

from verification.engine.aws.emulator.moto_patches.cognito_srp import _Challenge


def test_salt_is_a_number() -> None:
    """Leading zeros are no part of it: a client that hashes the number would be refused."""
    salts = [_Challenge("pool", "user", "password", 1).salt for _ in range(1000)]
    assert all(0 < int(salt, 16) < 2**128 for salt in salts)
    assert [salt for salt in salts if salt.startswith("0")] == []
