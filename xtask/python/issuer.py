"""Who issues tokens: an OpenID provider and a user pool as Cognito publishes them, over HTTP, with keys that can be exchanged.

`with Issuer() as issuer:` its `url`; what is below /login is a provider, what is below /us-east-1_modes a pool, /away is a
provider that answers nothing but 503.
"""

import base64
import hashlib
import hmac
import http.server
import json
import threading
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

POOL = "us-east-1_modes"
HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
CURVES = {"ES256": (ec.SECP256R1, "P-256"), "ES384": (ec.SECP384R1, "P-384")}


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, size=None):
    return encode(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class Key:
    """A pair of keys. `algorithm` is what it signs with if nobody says otherwise; `says` whether its public part tells that."""

    def __init__(self, id, algorithm="RS256", says=True):
        self.id, self.algorithm, self.says = id, algorithm, says
        if algorithm in CURVES:
            self.private = ec.generate_private_key(CURVES[algorithm][0]())
        else:
            self.private = rsa.generate_private_key(65537, 2048)

    def public(self):
        numbers = self.private.public_key().public_numbers()
        if self.algorithm in CURVES:
            size = self.private.curve.key_size // 8
            key = {"kty": "EC", "crv": CURVES[self.algorithm][1], "x": number(numbers.x, size), "y": number(numbers.y, size)}
        else:
            key = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
        return key | {"kid": self.id, "use": "sig"} | ({"alg": self.algorithm} if self.says else {})

    def sign(self, text, algorithm):
        kind, digest = algorithm[:2], HASHES[algorithm[2:]]()
        if kind == "ES":
            size = self.private.curve.key_size // 8
            r, s = utils.decode_dss_signature(self.private.sign(text, ec.ECDSA(digest)))
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        if kind == "PS":
            return self.private.sign(text, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        return self.private.sign(text, padding.PKCS1v15(), digest)

    def token(self, claims, algorithm=None, **header):
        algorithm = algorithm or self.algorithm
        text = head_and_claims({"alg": algorithm, "kid": self.id, "typ": "JWT"} | header, claims)
        return f"{text}.{encode(self.sign(text.encode(), algorithm))}"


def head_and_claims(header, claims):
    return ".".join(encode(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))


def unsigned(claims, key, algorithm):
    """A token without a signature."""
    return head_and_claims({"alg": algorithm, "kid": key.id}, claims) + "."


def shared(claims, key, secret, algorithm="HS256"):
    """A token that is signed with what is no secret."""
    text = head_and_claims({"alg": algorithm, "kid": key.id}, claims)
    return f"{text}.{encode(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


class Issuer:
    def __enter__(self):
        # Sets of keys by the path below which they are published, and what was fetched, with when that was.
        self.keys, self.fetched = {}, []
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.fetched.append((self.path, time.monotonic()))
                document = issuer.document(self.path)
                text = json.dumps(document).encode()
                self.send_response(200 if document else 503)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def document(self, path):
        below, _, name = path.removeprefix("/").partition("/.well-known/")
        if below not in self.keys:
            return None
        if name == "openid-configuration":
            return {"issuer": f"{self.url}/{below}", "jwks_uri": f"{self.url}/{below}/.well-known/jwks.json"}
        return {"keys": [key.public() for key in self.keys[below]]} if name == "jwks.json" else None

    def count(self, below):
        """How often the keys of an issuer were fetched."""
        return sum(path == f"/{below}/.well-known/jwks.json" for path, _ in self.fetched)

    def last(self, below):
        """When they were last."""
        return max(at for path, at in self.fetched if path == f"/{below}/.well-known/jwks.json")

    def subject(self, **changes):
        """The claims of a provider's token. None takes one out."""
        now = int(time.time())
        claims = {"iss": f"{self.url}/login", "sub": "ada", "aud": "web", "iat": now - 60, "exp": now + 3600, "scope": "read"}
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def user(self, **changes):
        """The claims of a pool's ID token."""
        now = int(time.time())
        claims = {
            "sub": "0b1e", "cognito:groups": ["staff", "readers"], "iss": f"https://cognito-idp.us-east-1.amazonaws.com/{POOL}",
            "cognito:username": "grace", "aud": "web", "token_use": "id", "auth_time": now - 60, "exp": now + 3600,
            "iat": now - 60, "email": "grace@example.com",
        }
        return {name: value for name, value in (claims | changes).items() if value is not None}
