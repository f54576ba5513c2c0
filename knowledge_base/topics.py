"""Questions that only name a topic: "환불 문의요", "a question about delivery".

Nobody can label such a question with one article, so the fitted probabilities know nothing of
them: they call many unknown and answer others with whichever article is nearest. What they do say
is what the articles to choose from are about.
"""

from __future__ import annotations

from collections.abc import Sequence

from knowledge_base import text
from knowledge_base.matching import Document

MOST_TERMS = 2  # with more words than that somebody asks something in particular

# What only says that somebody asks: in Korean as the analyser gives it ("문" is how it reads
# "문의" behind some nouns), in English as words.
_KOREAN = (
    "문의 질문 질의 관련 관하 대하 궁금 궁금하 연락 말씀 드리 여쭈 여쭙 여쭤보 묻 물어보 때문 위하 "
    "문제 건 문 도움 부탁 설명 안내 상담 이야기 얘기 사항 내용 정보 부분 쪽 알리 알려주 남기 필요 "
    "원하 요 규정 정책 규칙 제발 달"
)
_ENGLISH = (
    "question questions query inquiry inquiries enquiry about regarding concerning related ask "
    "asking tell need have help info information issue issues problem "
    "problems something some any hi hello there us policy policies"
)
# These ask something, if little: "반품 어떻게 해요" and "can I get a refund" may have an answer.
_OPEN = "어떻게 how what want get got know"
OPEN = frozenset(_OPEN.split())
# So do these, which are no terms, as the analyser reads them: "어떻게 하나요", "결제가 안 돼요".
_OPEN_MORPHEMES = frozenset({("어떻", "VA"), ("어떡하", "VV"), ("안", "MAG"), ("못", "MAG")})
ASKING = OPEN.union(_KOREAN.split(), text.terms(_ENGLISH))


def named(terms: Sequence[str]) -> tuple[str, ...]:
    """What a question is about if it says nothing else; empty if it asks something.

    ``terms`` are those of :func:`knowledge_base.text.terms`.
    """
    nouns = (_noun(term) for term in terms)
    found = tuple(dict.fromkeys(noun for noun in nouns if noun not in ASKING))
    return found if len(found) <= MOST_TERMS else ()


def is_bare(question: str, terms: Sequence[str]) -> bool:
    """Whether a question that :func:`named` a topic has no word that asks, or says what fails."""
    if not OPEN.isdisjoint(terms):
        return False
    if not text.has_hangul(question):
        return True
    return _OPEN_MORPHEMES.isdisjoint(text.morphemes(text.normalise(question)))


def is_topic(question: str, terms: Sequence[str]) -> bool:
    """Whether a question with these terms does nothing but name a topic."""
    return bool(named(terms)) and is_bare(question, terms)


def of_a_thing(question: str) -> str:
    """What is asked of a thing and names a topic, in Korean: "환불 되나요" of "원피스 환불 되나요".
    Articles do not say all that a shop sells."""
    if not text.has_hangul(question):
        return ""
    normal = text.normalise(question)
    nouns = [one for one in text.analysed(normal) if one.tag in ("NNG", "NNP", "SL")]
    if len(nouns) < 2 or len(named(text.terms(normal))) != 2:
        return ""
    return normal[nouns[-1].start :] if normal[: nouns[-1].start].endswith(" ") else ""


def is_about(document: Document, topic: Sequence[str]) -> bool:
    """Whether the article's title or tags name all of the topic."""
    names = (document.title, *document.tags)
    said = {term for name in names for term in text.terms(text.normalise(name))}
    return all(term in said for term in topic)


def is_title(document: Document, topic: Sequence[str]) -> bool:
    """Whether the topic is two words or more and the article's title says just that: "주문 취소" is
    answered by the article of this name, however many others are about orders and cancelling."""
    return len(topic) > 1 and {*topic} == {*text.terms(text.normalise(document.title))} - ASKING


def _noun(term: str) -> str:
    """Without a polite ending: "배송요", typed for "배송이요", is one noun to the analyser."""
    return term[:-1] if len(term) > 2 and term.endswith("요") else term
