"""pyca/cryptography: AES-256-GCM, 68 bytes of value, with and without setting up the key; and suite 2 as
docs/vault-format.md reads it. `python javari-core/benches/vault_peer.py` (needs `cryptography`)."""

import hashlib
import os
import statistics
import time

import cryptography
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY, SALT, NONCE, VALUE = os.urandom(32), os.urandom(32), os.urandom(12), b"x" * 68
AAD = b"".join(b"field=" + b"x" * 30 for _ in range(11))


def derive():
    info = b"javari.vault.v2/record\0" + hashlib.sha256(AAD).digest()
    return HKDF(SHA256(), 64, salt=SALT, info=info).derive(KEY)


def measure(name, work):
    rounds = []
    for _ in range(11):
        start = time.perf_counter()
        for _ in range(10_000):
            work()
        rounds.append((time.perf_counter() - start) / 10_000 * 1e6)
    print(f"cryptography {cryptography.__version__} {name}: median {statistics.median(rounds):.2f} us")


ready = AESGCM(KEY)
sealed = ready.encrypt(NONCE, VALUE, AAD)
record = AESGCM(derive()[:32]).encrypt(NONCE, VALUE, AAD)
measure("encrypt", lambda: ready.encrypt(NONCE, VALUE, AAD))
measure("decrypt", lambda: ready.decrypt(NONCE, sealed, AAD))
measure("decrypt with key set-up", lambda: AESGCM(KEY).decrypt(NONCE, sealed, AAD))
measure("suite 2 open", lambda: AESGCM(derive()[:32]).decrypt(NONCE, record, AAD))
