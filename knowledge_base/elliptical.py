"""What leaves out what it is about, because it was said before: "얼마나 걸려요?", "and how much is
it?", and what is added to a question: "카드로 결제했는데요", "안 돼요", "it's silk".

Alone it is like whatever question of some article has the same words; with what was asked before it
it is a question like others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from knowledge_base import sentences, text

MOST_TO_THE_POINT = 2  # sentences
APART = " · "  # between what was asked before and what is asked now, for people who read it


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


# What can be asked of anything (when, where, how much, whether, what to do), in Korean as the
# analyser reads it, without what only helps: determiners, adverbs, auxiliaries, numbers, counters.
_KOREAN = _words(
    "언제 언제쯤 어디 얼마 며칠 누구 뭐 무엇 어떻 그거 그것 그 이거 이것 이 저거 거 것 그때 네",
    "비용 돈 값 가격 금액 요금 수수료 무료 유료 공짜 기간 시간 날짜 날 기한 하루 이틀 일주일 한달",
    "오늘 내일 지금 다음 안 전 후 뒤 때 이상 이하 정도 최대 최소 추가 혹시",
    "그렇 이렇 어떡 가능 방법 절차 순서 신청 필요 준비 조건 제한 기준 곳 나라 해당 퍼센트",
    "하 되 있 없 걸리 기다리 들 내 나오 들어오 끝나 보내 가 가져가 알 알리 알려주 말 싶 주 보 맞",
    "괜찮 글자",
)
_HELPING = _words("MM MAG VX SN NR NNB IC")
_ENGLISH = _words(
    "how much many long far soon fast quick often when where which what what's who do does did is",
    "are was were be will would can could should may must i it its it's that that's this they them",
    "isn't aren't wasn't don't doesn't didn't can't couldn't won't wouldn't shouldn't",
    "we us our",
    "those these there one the a an any my your you me to for of in on at by from until till",
    "than before after within and or so then but also too if anything something else with without",
    "about around take takes cost costs price fee fees free charge charged charges pay paid spend",
    "extra more less have has get need needed required use possible allowed able want go start end",
    "again still early earliest latest late later maximum minimum limit usually normally exactly",
    "time times day days week weeks month months hour hours minute minutes year years percent now",
    "ok okay cm mm kg lb lbs inch inches",
)
# What states of anything that it is so, or not.
_KOREAN_STATES = _words("모르 나 나와 받 보이 뜨 못하 같 똑같 계속 그냥 그대로 사람")
_ENGLISH_STATES = _words(
    "i'm i've we we're he she they're am been being says say said just still already yet not no",
    "don't doesn't didn't isn't aren't wasn't can't cannot couldn't won't haven't hasn't",
    "tried try work works working worked show shows see got getting keep keeps went there's here",
    "because since only",
)
_KOREAN_ASKS = _words(
    "언제 언제쯤 어디 얼마 얼마나 며칠 몇 누구 어느 어떻 어떻게 뭐 무엇 비용 가격 돈 기간"
)
_ASKING_END = re.compile(r"(?:나|가|까|니|냐)요?/EF$|[은는]/JX$|[ᆫᆯ은는을]지/E[CF]$")
_ENGLISH_ASKS = re.compile(
    r"(?:\W*(?:and|so|but|ok|okay|then|or|also|by|for|from|until|till|in|at)\b)*\W*"
    r"(?:how|when|where|which|what|who|why|do|does|is|are|will|can|could|should|may)\b"
)
_ENGLISH_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# A wish, a request, a promise or a "not that": none of it says how things are.
_NO_MATTER = re.compile(
    r"싶|주세요|주십시오|주셔|줘|바랍니다|부탁|[가-힣]게요|아닌데|아니[에예]요|아닙니다|아니라"
    r"|(?:필요|상관) ?없|^\W*없(?:어요?|습니다|네요?|음)\W*$"
    r"|\b(?:want|wanna|need|like to|please|tell|show|give|i['’]?ll|let me|not that)\b"
)
# "반품할래요", "오면 바꿀께요": "상품준비중이래요" is none, and says how things are.
_WILL = re.compile(r"(?:ᆯ|을)[래게께]요?")
_PROMISE = re.compile(r"(?:ᆯ|을)[게께]요?")
_ENGLISH_PROMISE = re.compile(r"^\W*(?:ok(?:ay)?\W+)?(?:then\W+)?i(?:['’]?ll| will)\b")
_NOT = re.compile(r"(?:^|\s)(?:안|못)\s?\S|[지질]\s?(?:않|못)|없|모르|몰라")
_ENGLISH_NOT = re.compile(r"n['’]t\b|\b(?:not|cannot|no)\b")
# Of morphemes: "because", "if" and "then what if" with nothing behind them, and a mere noun.
_DEPENDS = re.compile(
    r"(?:(?:[어아라]서|으?니까|으?면|거든|지만)/E[CF](?: 요/\S+)?|거든요/EF"
    r"|/(?:NN[GPB]|SL) (?:(?:(?:이|으?로)/J\S+ )?요/\S+|이요/J\S+)"
    r"|/VCP (?:예요|에요|이에요|ᆫ데|ᆫ데요|래요|라고)/E[CF](?: 요/\S+)?)(?: \S+/S\w+)*$"
)
# "because …", "with …", or "it" and "them" without a thing before them that they could stand for.
_ENGLISH_DEPENDS = re.compile(
    r"^\W*(?:but|because|since|if|with|by|to|for|from|in|on|at)\b"
    r"|^(?:(?!\b(?:an?|the|my|our|your|this|these|that)\b).)*\b(?:it|it['’]s|they|they['’]re|them)\b"
)
_STATES = re.compile(r"/(?:E[CF]|JX|JKB)(?: 요/\S+)?(?: \S+/S\w+)*$")
_ENGLISH_STATES_IT = re.compile(
    r"^\W*(?:(?:and|but|so|because|since)\W+)?(?:i|it|we|they|he|she|my|the|there|to|for|by|with|in|from)\b"
)
# How long something has been so: "4일 됐어요", "일주일째예요", "it's been two weeks".
_LAPSE = re.compile(
    r"\d\s*(?:일|주|달|개월|시간|년)|하루|이틀|사흘|나흘|일주일|한\s?달"
    r"|(?:어제|그제|그저께|오늘|아까|방금|[지저]난\s?주|아침|점심|저녁|오전|오후|밤|새벽)(?=\s?(?:요|이요|예요|에요|산|샀|주문|받|에))"
    r"|\b(?:yesterday|today|last week|this morning)\b"
    r"|\b(?:\d+|an?|one|two|three|four|five|six|ten|several|few|couple of)"
    r" (?:business |working )?(?:hour|day|week|month|year)s?\b"
)
_OF_A_LAPSE = _words(
    "주일 개월 시간 주 달 년 일 보름 어제 그제 그저께 오늘 지난주 저번주",
    "아침 점심 저녁 오전 오후 밤 새벽",
    "bought ordered returned arrived received paid ago passed past one two three four five six ten",
    "several few couple business working already full whole hour year since",
    "yesterday today last this morning",
)
_SUPPOSES = re.compile(r"(?:면|라도|더라도)\s?요?\W*$|^\W*(?:what|and) if\b")
_WHO_OR_WHAT = re.compile(
    r"누가|누구|어디|뭐|뭘|무엇|무슨|어느|\b(?:who|where|what|which)\b", re.IGNORECASE
)
_HOW = re.compile(r"어떻게|방법|\bhow\b", re.IGNORECASE)
_TRIED = re.compile(
    r"그래도|여전히|아직도|봤는데|했는데도|똑같"
    r"|\b(?:still|tried|same|already (?:did|done|have|checked))\b|\balready\W*$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"^\W*(?:그럼|그러면|그렇다면|what about|how about|and|then|so)\b|[은는도]\s*요?\W*$",
    re.IGNORECASE,
)
_DATE = (
    r"\d\s*(?:일|주|개월|달|시|분|년)(?!에 (?:한|두|\d))|하루|이틀|\d:\d\d"
    r"|(?:\d|\b(?:an?|one|two|three|four|five|six|seven|ten))[\s-]*(?:business |working )?"
    r"(?:day|week|month|hour|minute|year|[ap]\.?m)"
)
_TIME = (
    rf"{_DATE}|바로|즉시|당일|다음|매일|매달"
    r"|\b(?:right away|immediately|at once|same day|next|every|until|once|before|after)\b"
)
_PRICE = (
    r"\d\s*(?:[천만억]\s*)?(?:원|%|포인트)|무료|수수료|비용|\d\s*(?:won|%|point)"
    r"|\b(?:free(?! gift)|fee|cost|charge)"
)
# "일요일도 해요?" is answered by "주말을 포함해 매일 열어요".
_PART_OF = (
    (re.compile(r"[토일]요일|\b(?:satur|sun)days?\b", re.IGNORECASE), "주말 매일 weekend weekends"),
    (
        re.compile(r"[월화수목금]요일|\b(?:mon|tues|wednes|thurs|fri)days?\b", re.IGNORECASE),
        "평일 매일 weekday weekdays",
    ),
)
_DAYS = _words(
    "월요일 화요일 수요일 목요일 금요일 토요일 일요일 주말 평일 공휴일 휴일 명절 설날 추석 연휴",
    "monday tuesday wednesday thursday friday saturday sunday weekend weekday holiday",
    "mondays tuesdays wednesdays thursdays fridays saturdays sundays weekends weekdays holidays",
)
# What asks at what time, until when, how long, how long or how much, or how much, and what an
# answer to that has.
AMOUNT = 4
_ANSWERS = tuple(
    (re.compile(asks, re.IGNORECASE), re.compile(says, re.IGNORECASE))
    for asks, says in (
        (
            r"몇\s*시(?!간)|\bwhat time",
            r"\d:\d\d|\d\s*시(?!간)|정오|자정|\d\s*[ap]\.?m\b|\b(?:noon|midnight)\b",
        ),
        (r"언제까지|기한|\b(?:(?:until|till|by) when|deadline)", _DATE),
        (
            r"얼마나\s*(?:걸|오래)|얼마\s*(?:안에|만에|뒤|후|동안)"
            r"|며칠|언제|기간|기한|몇\s*(?:시|일|주|달|개월|분|년)"
            r"|\b(?:how (?:long|soon|many (?:day|week|month|hour))|when)",
            _TIME,
        ),
        (r"얼마나\s*(?:잠[기겨]|보관|기다|남|늦|연장|무료)", f"{_TIME}|{_PRICE}"),
        (
            r"얼마(?!나\s*(?:걸|오래))|비용|돈|가격|요금|금액|무료|유료|공짜"
            r"|\b(?:how much|cost|price|fee|free|charge)",
            _PRICE,
        ),
    )
)


def of_its_own(question: str) -> Sequence[str] | None:
    """The words by which a question says what it is about; None if it asks nothing.

    "언제까지 해야 돼요?" has none, "배송비는요?" one.
    """
    normal = text.normalise(question)
    if not text.has_hangul(normal):
        if not (_ENGLISH_ASKS.match(normal) or normal.endswith("?")):
            return None
        return _english(normal)
    read = text.morphemes(normal)
    # A polite "요" behind a particle is read in many ways.
    open_end = [one for one in read if one[0] not in ("요", ".", "!", "~")][-1:]
    ends = [one for one in read if one[1] == "EF"] + open_end
    asks = (
        normal.endswith("?")
        or any(form in _KOREAN_ASKS for form, _ in read)
        or any(_ASKING_END.search("/".join(end)) for end in ends)
    )
    return _korean(read) if asks else None


def added(message: str) -> Sequence[str] | None:
    """The words of its own by which something is said to what was asked before; None if nothing is.

    "안 돼요" has none, "카드로 결제했는데요" two. What says neither a thing nor that it is not so
    ("해 볼게요", "ok") adds nothing.
    """
    normal = text.normalise(message)
    if _NO_MATTER.search(normal) or _is_wished(normal):
        return None
    if lasts(message):
        return []
    own = subject(message)
    says = own or denies(normal) or is_tried(message) or depends(message)
    return own if says else None


def denies(said: str) -> bool:
    """Whether it says that something is not so."""
    return (_NOT if text.has_hangul(said) else _ENGLISH_NOT).search(said) is not None


def supposes(said: str) -> bool:
    """Whether it asks what is so in some case, question mark or not: "사진 올리면요", "what if"."""
    return _SUPPOSES.search(text.normalise(said)) is not None


def lasts(message: str) -> bool:
    """Whether it says nothing but how long something has been so: "4일 됐어요", "it's been two
    weeks", "산 지 6개월 됐어요"."""
    normal = text.normalise(message)
    if of_its_own(message) is not None or _NO_MATTER.search(normal) or _is_wished(normal):
        return False
    return _LAPSE.search(normal) is not None and _OF_A_LAPSE.issuperset(names(message))


def promises(message: str) -> bool:
    """Whether somebody says what they will do, and no more: "오면 바꿀게요", "i'll try that"."""
    normal = text.normalise(message)
    if not text.has_hangul(normal):
        return _ENGLISH_PROMISE.search(normal) is not None and not normal.endswith("?")
    read = [one for one in text.morphemes(normal) if not one[1].startswith("S")]
    return bool(read) and read[-1][1] == "EF" and _PROMISE.fullmatch(read[-1][0]) is not None


def _is_wished(normal: str) -> bool:
    if not text.has_hangul(normal):
        return False
    return any(tag == "EF" and _WILL.fullmatch(form) for form, tag in text.morphemes(normal))


def subject(message: str) -> Sequence[str]:
    """The words by which anything says what it is about, whether it asks, wishes or states."""
    normal = text.normalise(message)
    if not text.has_hangul(normal):
        return [word for word in _english(normal) if word not in _ENGLISH_STATES]
    return [form for form in _korean(text.morphemes(normal)) if form not in _KOREAN_STATES]


def states(message: str) -> bool:
    """Whether a message is more than a name: "카드로 결제했어요", "i paid by card", not "카드"."""
    normal = text.normalise(message)
    if not text.has_hangul(normal):
        return bool(_ENGLISH_STATES_IT.search(normal) or _ENGLISH_NOT.search(normal))
    return _STATES.search(" ".join(map("/".join, text.morphemes(normal)))) is not None


def depends(message: str) -> bool:
    """Whether a message only says of something that was said before why, of what, or in which
    case: "사이즈가 안 맞아서요", "무통장이요", "이미 발송됐으면요?", "it's padded"."""
    normal = text.normalise(message)
    if not text.has_hangul(normal):
        return of_its_own(message) is None and _ENGLISH_DEPENDS.search(normal) is not None
    read = text.morphemes(normal)
    asks = any(form in _KOREAN_ASKS for form, _ in read)
    return not asks and _DEPENDS.search(" ".join(map("/".join, read))) is not None


def leans(message: str) -> bool:
    """Whether it is only said of something before it, or asked of that as well: "불량이면요?",
    "포인트는요?", "밤에도 되나요?"."""
    return depends(message) or goes_on(message) or asks_as_well(message)


def asks_as_well(question: str) -> bool:
    """Whether it asks of a thing "as well": "카드도 써 주나요?", "밤에도 되나요?"."""
    read = text.morphemes(text.normalise(question))
    return any(
        one == ("도", "JX") and before[1] in ("NNG", "NNP", "SL", "JKB")
        for before, one in pairwise(read)
    )


def _korean(read: Sequence[tuple[str, str]]) -> list[str]:
    content = [form for form, tag in read if tag in text.CONTENT and tag not in _HELPING]
    return [form for form in content if form not in _KOREAN]


def _english(normal: str) -> list[str]:
    words = [word.replace("’", "'") for word in _ENGLISH_WORD.findall(normal)]
    return [word for word in words if word not in _ENGLISH]


def goes_on(question: str) -> bool:
    """Whether it takes up what was said before: "그럼 포인트는요?", "what about my points?"."""
    return _GOES_ON.search(question) is not None


def measures(question: str) -> bool:
    """Whether it asks until when, how long or how much."""
    return any(asks.search(question) for asks, _ in _ANSWERS)


def is_answered(question: str, told: str) -> bool:
    """Whether ``told`` has a time or an amount, where that is what a question asks for."""
    wanted = next((says for asks, says in _ANSWERS if asks.search(question)), None)
    return wanted is None or wanted.search(told) is not None


def point(question: str, told: str, *, whole: str) -> str | None:
    """The one or two sentences or items of ``told`` that a question asks for, which is ``whole``
    beside what was asked before; None if they are not clear, empty if it asks for nothing in
    particular ("되나요?").

    Where it asks for a time or an amount they have one; else, and of several times, they are the
    ones that have most of its words. Of several amounts one alone may not be true.
    """
    pieces = sentences.wholes(told)
    number = next((at for at, (asks, _) in enumerate(_ANSWERS) if asks.search(question)), None)
    if number is not None:
        found = [one for one in pieces if _ANSWERS[number][1].search(one)]
        if number != AMOUNT and len(found) > MOST_TO_THE_POINT:
            found = _most_like(question, found)
        return " ".join(found) if 1 <= len(found) <= MOST_TO_THE_POINT else None
    asks = of_its_own(question) is not None
    if asks and _HOW.search(question) and not names(question):
        return None
    found = _most_like(question if asks else " ".join(names(question)), pieces)
    if not found and _WHO_OR_WHAT.search(question):
        found = _most_like(whole, pieces)
    if not found:
        return None if names(question) else ""
    return " ".join(found) if len(found) <= MOST_TO_THE_POINT else None


def day(question: str, told: str) -> str | None:
    """Where nothing but a day of the week or a holiday is asked of ("토요일은요?"), the sentence of
    ``told`` that speaks of it; None if there is none."""
    own = of_its_own(question)
    if not own or not _DAYS.issuperset(own):
        return None
    return next(iter(_most_like(question, sentences.wholes(told))), None)


def names(message: str) -> Sequence[str]:
    """Of what a message is about what has a name: of "10분 지났어요" nothing."""
    own = subject(message)
    normal = text.normalise(message)
    if not text.has_hangul(normal):
        return own
    named = {form for form, tag in text.morphemes(normal) if tag in ("NNG", "NNP", "SL")}
    return [form for form in own if form in named]


def _most_like(question: str, pieces: Sequence[str]) -> list[str]:
    """Those that have most of a question's words, or what these are part of; none if none has
    one."""
    asked = set(text.terms(text.normalise(question)))
    asked |= {term for day, of in _PART_OF if day.search(question) for term in text.terms(of)}
    common = [len(asked & set(text.terms(text.normalise(one)))) for one in pieces]
    most = max(common, default=0)
    return [one for one, has in zip(pieces, common, strict=True) if most and has == most]


def is_tried(message: str) -> bool:
    """Whether it says that what was told was tried: "그래도 안 돼요", "still doesn't work"; not
    whether it asks anything of that."""
    return _TRIED.search(message) is not None and of_its_own(message) is None


def together(parts: Sequence[str]) -> list[str]:
    """The parts of a message, each elliptical question with what stands before it."""
    found: list[str] = []
    for part in parts:
        if found and of_its_own(part) == []:
            found[-1] = f"{found[-1]} {part}"
        else:
            found.append(part)
    return found
