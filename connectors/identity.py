"""Who a visitor is, by the word of the shop's own site: a short-lived signed token (JWT).

The shop's backend signs ``sub`` (its customer number) for whoever is logged in. With a shared
secret the algorithm is HS256, with a public key ES256; the token's own header has no say in it.
"""

from __future__ import annotations

import dataclasses
import math
import re
import time
from typing import Any, Literal

import jwt
from jwt.exceptions import InvalidSubjectError

# The longest time between a token's issue and its end, in seconds.
LIFETIME_S = 3600
# How far the shop's clock may be ahead of ours, in seconds. What is over by ours is over.
LEEWAY_S = 30
LIMITS = {"sub": 200, "name": 200, "email": 254, "phone": 40}

Why = Literal[
    "not_set_up", "malformed", "algorithm", "signature", "expired", "not_yet", "audience", "claims"
]


class IdentityRefused(Exception):
    """The token proves nothing; ``why`` is for programs, the message for people."""

    def __init__(self, why: Why, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclasses.dataclass(frozen=True, slots=True)
class Signer:
    """Whose tokens are believed: those signed with this ``key`` for this ``audience``."""

    key: str
    algorithm: Literal["HS256", "ES256"]
    audience: str


@dataclasses.dataclass(frozen=True, slots=True)
class Claims:
    """What the shop says of its customer; ``sub`` is its customer number."""

    sub: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    locale: Literal["ko", "en"] | None = None


def verify(token: str, signer: Signer | None) -> Claims:
    """The signed claims. Raises :class:`IdentityRefused` for whatever is not exactly right."""
    if signer is None:
        raise IdentityRefused("not_set_up", "signed identities are not set up on this server")
    try:
        found = jwt.decode(
            token,
            signer.key,
            algorithms=[signer.algorithm],
            audience=signer.audience,
            leeway=LEEWAY_S,
            options={"require": ["sub", "iat", "exp", "aud"]},
        )
    except jwt.ExpiredSignatureError:
        raise IdentityRefused("expired", "this identity has expired; sign a new one") from None
    except jwt.ImmatureSignatureError:
        raise IdentityRefused("not_yet", "this identity is not valid yet") from None
    except jwt.InvalidAudienceError:
        raise IdentityRefused("audience", "this identity was signed for another audience") from None
    except jwt.InvalidAlgorithmError:
        raise IdentityRefused(
            "algorithm", f"an identity here is signed with {signer.algorithm}"
        ) from None
    except jwt.InvalidSignatureError:
        raise IdentityRefused("signature", "this identity was signed with another key") from None
    except (jwt.MissingRequiredClaimError, jwt.InvalidIssuedAtError, InvalidSubjectError):
        raise IdentityRefused("claims", "an identity has sub, iat, exp and aud") from None
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError):
        raise IdentityRefused("malformed", "this is not a signed identity") from None
    return _claims(found)


def _claims(found: dict[str, Any]) -> Claims:
    if not all(_is_time(found[name]) for name in ("iat", "exp")):
        raise IdentityRefused("claims", "iat and exp are numbers of seconds")
    if found["exp"] <= time.time():
        raise IdentityRefused("expired", "this identity has expired; sign a new one")
    if not 0 < found["exp"] - found["iat"] <= LIFETIME_S:
        raise IdentityRefused("claims", "an identity is valid for an hour at most: exp - iat")
    values: dict[str, str] = {}
    for name, limit in LIMITS.items():
        value = found.get(name)
        if value is None:
            continue
        if not isinstance(value, str) or not value.strip() or len(value) > limit or _odd(value):
            raise IdentityRefused("claims", f"{name} is a text of 1 to {limit} characters")
        values[name] = value.strip()
    return Claims(**values, locale=_locale(found.get("locale")))


def _locale(value: object) -> Literal["ko", "en"] | None:
    """The language of a tag as sites have them (``en``, ``en-US``, ``ko_KR``), if it is ours."""
    tag = re.split("[-_]", value)[0].lower() if isinstance(value, str) else ""
    return "ko" if tag == "ko" else "en" if tag == "en" else None


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _odd(value: str) -> bool:
    """What no database holds: NUL, or half of a surrogate pair."""
    return any(one == "\0" or 0xD800 <= ord(one) <= 0xDFFF for one in value)
