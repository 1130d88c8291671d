"""A device that makes passkeys and answers with them as a browser hands it on; it lies wherever a test tells it to."""

import base64
import hashlib
import json
import os
import struct
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor

ORIGIN, PLACE = "http://localhost", "localhost"
PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def plain(data: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Device:
    """One key, its id, and how often it has signed. `flags` are what it claims of the person before it."""

    counter: int = 1
    step: int = 1
    origin: str = ORIGIN
    place: str = PLACE
    flags: int = PRESENT | VERIFIED
    more: dict = field(default_factory=dict)
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict) -> str:
        """The answer to `navigator.credentials.create`."""
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        known = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + cbor.encode(public)
        seen = cbor.encode({"fmt": "none", "attStmt": {}, "authData": self.data(self.flags | WITH_KEY) + known})
        said = self.said("webauthn.create", options)
        return self.answer(clientDataJSON=plain(said), attestationObject=plain(seen))

    def get(self, options: dict) -> str:
        """The answer to `navigator.credentials.get`; each one counts `step` further."""
        self.counter += self.step
        said, data = self.said("webauthn.get", options), self.data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self.answer(
            clientDataJSON=plain(said),
            authenticatorData=plain(data),
            signature=plain(signature),
            userHandle=plain(b"x"),
        )

    def data(self, flags: int) -> bytes:
        """What the device says of itself."""
        return hashlib.sha256(self.place.encode()).digest() + struct.pack(">BI", flags, self.counter)

    def said(self, kind: str, options: dict) -> bytes:
        """What the browser says of the page that asked."""
        said = {
            "type": kind,
            "challenge": options["publicKey"]["challenge"],
            "origin": self.origin,
            "crossOrigin": False,
        }
        return json.dumps(said | self.more).encode()

    def answer(self, **response: str) -> str:
        """The credential as JSON."""
        name = plain(self.credential_id)
        return json.dumps(
            {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
        )
