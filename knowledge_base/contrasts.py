"""What a message says is not meant: "교환 말고 환불이요", "not an exchange but a refund".

Search counts words, and the first thing would count as much as the one that is asked for.
"""

from __future__ import annotations

import re

from knowledge_base import elliptical, text

_NOUN = ("NNG", "NNP", "SL", "SN", "NP", "XSN", "XPN")
# Between a thing and the "not": "교환은 말고", "교환이 아니라", "매장에서 말고", "환불하지 말고".
_BETWEEN = ("JX", "JKC", "JKS", "JKO", "JKB", "JKG")
_NOT_TO_DO = re.compile(r"(?:하|되|시키)/XSV$")
# "카드 말고 다른 방법": what is not meant says of what another one is asked for.
_ANOTHER = re.compile(r"\s*(?:다른|또|그\s?외|더|뭐|뭘|무엇|무슨|어떤|어느)")
# "회원이 아니라 조회가 안 돼요" says why; "환불이 아니라 교환이요", "카드가 아니라 계좌로" do not.
_FAILS = re.compile(r"(?:^|\s)(?:안|못)\s|[지질]\s?(?:않|못)|없|불가")
_IN_ITS_PLACE = re.compile(
    r"^(?:[^/ ]+/(?:NN[GPB]|SL|SN|NP|XSN) )+(?:$|으?로/JKB|이?요/|[^/ ]*/(?:VCP|XSV))"
)
_THING = (
    r"(?!(?:it|this|that|these|those|them|one|to)\b)(?:(?:an?|the|my|any|for|about)\s+){0,2}"
    r"(?:[\w'’-]+\s+){0,2}?[\w'’-]+"
)
_ASKS = (
    r"(?!(?:can|could|may|do|does|is|are|was|will|would|should|how|what|when|where|why|which|who)"
    r"\b)"
)
_ENGLISH = (
    re.compile(
        r"^\W*(?:no\W+)?(?:i\s+(?:do\s*n[o'’]?t|do\s+not)\s+(?:want|need|mean)|(?:i['’]?m\s+)?not)"
        rf"\s+{_THING}(?:\s*[,;.]\s*(?:but\s+)?|\s+but\s+|\s+(?=i\s+(?:want|need|would|just|only)\b))"
        rf"(?=\w){_ASKS}",
        re.IGNORECASE,
    ),
    re.compile(rf"(?:\s*,\s*not\s+{_THING}|\s+not\s+(?:an?|the)\s+[\w'’-]+)\W*$", re.IGNORECASE),
)


def meant(message: str) -> str:
    """The message without what it says is not meant; as it is if nothing else is said."""
    rest = _korean(message) if text.has_hangul(message) else _english(message)
    return rest if rest and elliptical.subject(rest) else message


def _english(message: str) -> str:
    for pattern in _ENGLISH:
        message = pattern.sub("", message, count=1).strip()
    return message


def _korean(message: str) -> str:
    if "말고" not in message and "말구" not in message and "아니" not in message:
        return message
    normal = text.normalise(message)
    read = text.analysed(normal)
    for at, one in enumerate(read[:-1]):
        denied = (one.form, read[at + 1].form) in {("말", "고"), ("아니", "라"), ("아니", "고")}
        end = read[at + 1].end
        if not denied or at == 0 or not normal[end : end + 1].isspace():
            continue
        rest = normal[end:]
        if _ANOTHER.match(rest) or (one.form == "아니" and not _takes_its_place(rest)):
            continue
        start = _start(read, at)
        if start is not None:
            return f"{normal[:start].strip()} {rest.strip()}".strip()
    return message


def _takes_its_place(rest: str) -> bool:
    word = "".join(rest.split()[:1])
    read = " ".join(f"{one.form}/{one.tag}" for one in text.analysed(word)) + " "
    return _IN_ITS_PLACE.match(read) is not None and not _FAILS.search(rest)


def _start(read: tuple[text.Morpheme, ...], at: int) -> int | None:
    """Where the thing begins that is not meant; None if there is none before it."""
    first = at
    while first and (read[first - 1].tag in _BETWEEN or read[first - 1].form == "지"):
        first -= 1
    if first and _NOT_TO_DO.search(f"{read[first - 1].form}/{read[first - 1].tag}"):
        first -= 1
    nouns = first
    while nouns and read[nouns - 1].tag in _NOUN:
        nouns -= 1
    return read[nouns].start if nouns < first else None
