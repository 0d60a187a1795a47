"""Cognito's Secure Remote Password (SRP): sign-in without sending the password.

The server side of pycognito and the page's cognito.js; the arithmetic is pycognito's.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Any

from moto.cognitoidp.exceptions import NotAuthorizedError
from moto.cognitoidp.models import CognitoIdpBackend
from pycognito.aws_srp import (
    G_HEX,
    N_HEX,
    calculate_u,
    compute_hkdf,
    hash_sha256,
    hex_hash,
    hex_to_long,
    pad_hex,
)

from verification.engine.aws.emulator.moto_patches.patching import Method, wrap

_N: int = hex_to_long(N_HEX)
_G: int = hex_to_long(G_HEX)
_K: int = hex_to_long(hex_hash("00" + N_HEX + "0" + G_HEX))
_NAME = "PASSWORD_VERIFIER"
_OPEN: dict[str, "_Challenge"] = {}


def secure_remote_password() -> None:
    """moto 5.2.5 accepts any SRP proof, also one of a wrong password.

    AWS accepts only a proof derived from the password.
    """
    wrap(CognitoIdpBackend, "initiate_auth", _challenging)
    wrap(CognitoIdpBackend, "respond_to_auth_challenge", _judging)


@dataclass(frozen=True)
class _Challenge:
    """The server's state of one sign-in: `public` is the client's number A.

    The salt is a number, as at AWS: with leading zeros clients would hash it differently.
    """

    pool: str
    user: str
    password: str
    public: int
    salt: str = field(default_factory=lambda: f"{secrets.randbits(128):x}")
    secret: int = field(default_factory=lambda: secrets.randbits(1024))

    @property
    def verifier(self) -> int:
        identity = hash_sha256(f"{self.pool}{self.user}:{self.password}".encode())
        return pow(_G, hex_to_long(hex_hash(pad_hex(self.salt) + identity)), _N)

    @property
    def answer(self) -> int:
        """The server's number B."""
        return (_K * self.verifier + pow(_G, self.secret, _N)) % _N

    def proof(self, block: str, timestamp: str) -> str:
        """The proof, which requires the password."""
        u = calculate_u(self.public, self.answer)
        shared = pow(self.public * pow(self.verifier, u, _N), self.secret, _N)
        key = compute_hkdf(bytearray.fromhex(pad_hex(shared)), bytearray.fromhex(pad_hex(u)))
        text = f"{self.pool}{self.user}".encode() + base64.b64decode(block) + timestamp.encode()
        return base64.b64encode(hmac.digest(key, text, "sha256")).decode()


def _challenging(original: Method) -> Method:
    def initiate_auth(
        self: Any, client_id: str, auth_flow: str, auth_parameters: dict[str, str]
    ) -> dict[str, Any]:
        answer: dict[str, Any] = original(self, client_id, auth_flow, auth_parameters)
        if answer.get("ChallengeName") != _NAME:
            return answer
        given, (_, pool) = answer["ChallengeParameters"], self.sessions[answer["Session"]]
        user = self.admin_get_user(pool.id, given["USERNAME"])
        made = _Challenge(
            pool.id.split("_")[1],
            given["USER_ID_FOR_SRP"],
            user.password,
            hex_to_long(auth_parameters["SRP_A"]),
        )
        _OPEN[given["SECRET_BLOCK"]] = made
        numbers = {"SALT": made.salt, "SRP_B": f"{made.answer:x}"}
        return answer | {"ChallengeParameters": given | numbers}

    return initiate_auth


def _judging(original: Method) -> Method:
    def respond_to_auth_challenge(
        self: Any,
        session: str,
        client_id: str,
        challenge_name: str,
        challenge_responses: dict[str, str],
    ) -> dict[str, Any]:
        block = challenge_responses.get("PASSWORD_CLAIM_SECRET_BLOCK", "")
        if challenge_name == _NAME and (made := _OPEN.pop(block, None)):
            said = challenge_responses.get("PASSWORD_CLAIM_SIGNATURE", "")
            if said != made.proof(block, challenge_responses.get("TIMESTAMP", "")):
                raise NotAuthorizedError("Incorrect username or password.")
        answer: dict[str, Any] = original(
            self, session, client_id, challenge_name, challenge_responses
        )
        return answer

    return respond_to_auth_challenge
