# python read.py VECTORS.json; needs the package `cryptography`.

import hashlib
import hmac
import json
import sys
from base64 import b64decode

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def with_length(part):
    return len(part).to_bytes(4, "big") + part


def open_sealed(data_key, fields, encrypted_value, encryption_iv, encryption_tag):
    value = b64decode(encrypted_value, validate=True)
    iv = b64decode(encryption_iv, validate=True)
    tag = b64decode(encryption_tag, validate=True)
    if len(iv) != 44 or len(tag) != 48:
        raise ValueError("the columns have wrong lengths")
    aad = with_length(b"javari.vault.v2") + len(fields).to_bytes(4, "big")
    aad += b"".join(with_length(field.encode()) for field in fields)
    info = b"javari.vault.v2/record\0" + hashlib.sha256(aad).digest()
    derived = HKDF(SHA256(), 64, salt=iv[:32], info=info).derive(data_key)
    if not hmac.compare_digest(derived[32:], tag[16:]):
        raise ValueError("another key, row, name or flag than it was sealed for")
    return AESGCM(derived[:32]).decrypt(iv[32:], value + tag[:16], aad)


def main(path):
    rows = json.load(open(path))
    opened = refused = 0
    for row in rows:
        try:
            plaintext = open_sealed(b64decode(row["key"]), row["fields"], *row["columns"])
        except Exception:
            refused += 1
        else:
            opened += plaintext.decode() == row["plaintext"]
    print(f"{opened} opened, {refused} refused")


main(sys.argv[1])
