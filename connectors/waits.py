"""What a customer means who waits: "아직 멀었어요?", "상담원이요", "never mind". Pure.

Only a message that says this and nothing beside it counts. One that says more is for the person
who will answer, and nobody talks in between.
"""

from __future__ import annotations

import re
import unicodedata

# Longer than any message that says only this.
LONGEST = 60

_PERSON = (
    r"(?:상담원|상담사|상담|직원|담당자|답변|답장|답(?!답)|연락|연결)"
    r"(?:분|님)?(?:은|는|이|가|을|를|도)?"
)
_LEAD = (
    r"(?:(?:저기요?|여보세요|혹시|근데|그런데|그럼|죄송(?:한데|하지만|해요|합니다)|저|음|아|아니|아니에요|네"
    r"|됐어요|괜찮아요|ok|okay|no|oh|actually|sorry|well|wait|hm+|um+|you know what)\s+)*"
)
_ASKS = [
    # Said to nobody in particular while nobody answers, this asks whether somebody is there.
    r"(?:여보세요|저기요|(?:거기\s*)?계(?:세요|신가요|십니까))",
    r"(?:hello|hey)(?: hello)*",
    r"(?:도?대체\s*)?언제(?:쯤)?\s*(?:되|돼|될)\S*",
    r"(?:what(?:'s| is)|why is (?:it|this)) taking so long",
    r"(?:아직|얼마나)\s*(?:도|더)?\s*(?:멀었|남았|기다|걸리|걸려|대기)\S*(?:\s*(?:하|되|돼|해|걸)\S*)?",
    rf"{_PERSON}\s*(?:언제|아직|얼마나)(?:쯤|도|이|인)?\s*\S*(?:\s*\S+)?",
    rf"(?:언제|아직|얼마나)(?:쯤|도|더)?\s*{_PERSON}\s*\S*(?:\s*\S+)?",
    r"(?:아직|아직도)(?:\s*(?:인가요|이에요|예요|요|인가|이야|안\s*(?:되|돼|됐|오|왔|와)\S*))",
    r"(?:지금\s*)?(?:대기\s*(?:시간|인원|순서|순번|번호|자|중)|순번|(?:제|내)\s*(?:차례|순서))\S*"
    r"(?:\s*\S+){0,2}",
    r"(?:제|내|저)?\s*앞에\s*(?:몇|얼마나)\s*\S*(?:\s*\S+){0,2}",
    r"(?:지금\s*)?몇\s*(?:명|분|번째)\S*(?:\s*(?:대기|기다|남)\S*(?:\s*\S+)?)?",
    r"(?:계속|더|얼마나\s*더?)\s*기다려야\s*\S+(?:\s*\S+)?",
    r"(?:계속\s*)?기다리(?:고|는)\s*(?:있|중)\S*",
    r"(?:거기\s*)?(?:아무도|누구|누가|사람)\s*(?:안\s*)?(?:계|없|있)\S*(?:\s*\S+)?",
    r"how (?:much )?long(?:er)?(?: (?:do|will|must|is|until|till|before) .{1,30})?",
    r"(?:how many (?:people )?(?:are )?)?(?:ahead|before|in front) of me",
    r"(?:hello |hi )?(?:are you|is (?:anyone|anybody|someone|somebody))(?: still)? (?:there|here)",
    r"(?:anyone|anybody) (?:there|here)",
    r"(?:hello )?(?:i(?:'m| am) )?still waiting(?: (?:here|for .{1,30}))?",
    r"when will (?:someone|somebody|an? agent|a person|you|i) .{1,40}",
    r"(?:where am i|what(?:'s| is) my (?:place|position|number))"
    r"(?: in (?:the |your )?(?:queue|line))?",
    r"any (?:update|news|progress)s?(?: yet)?",
]
# A person is on the way; who asks for one again does not know how far it is.
_WHO = r"(?:상담원|상담사|상담|직원|담당자|사람)(?:분|님)?"
_HUMAN = (
    r"(?:an? |the |some )?(?:(?:real|live|actual|human) )*"
    r"(?:human(?: being)?|person|agent|representative|rep|operator)"
)
_SOMEBODY = f"(?:{_HUMAN}|someone|somebody)"
_CALLS = [
    rf"{_WHO}(?:이요|요)?",
    r"(?:(?:빨리|얼른|제발|바로|지금)\s*)*연결(?:\s*좀)?\s*(?:요|해\s*(?:주세요|줘요?|주십시오)|부탁\S*)",
    rf"(?:(?:빨리|얼른|제발|그냥|바로|지금|진짜)\s*)*{_WHO}\s*(?:이랑|랑|하고|과|와|에게|한테|으로|로|을|를|은|는)?"
    r"(?:\s*(?:좀|빨리|얼른|제발|바로|지금|직접))*"
    r"\s*(?:연결|통화|대화|얘기|이야기|상담)(?:을|를)?(?:\s*좀)?"
    r"(?:\s*(?:이요|요|해|하고|할|시켜|부탁|원해|원합|요청|신청|되나|될까|가능)\S*)?"
    r"(?:\s*(?:주|줘|싶|드려|드립|부탁|되나|될까)\S*)?",
    rf"(?:(?:빨리|얼른|제발|그냥|바로|지금|진짜)\s*)*{_WHO}\s*(?:으로|로|을|를)?"
    r"(?:\s*(?:좀|빨리|얼른|제발|바로|지금))*\s*(?:바꿔|불러)\S*(?:\s*(?:주|줘|드려|드립)\S*)?",
    r"(?:(?:please|just|hi|hello|sorry|but) )*"
    r"(?:(?:i (?:want|need|wish)|i(?:'d| would) (?:like|rather)|(?:can|could|may) i|let me) )?"
    rf"(?:(?:to )?(?:talk|speak|chat) (?:to|with) {_SOMEBODY}|{_HUMAN})(?: please| now)*",
    r"(?:(?:please|just|can you|could you) )*(?:connect|transfer|put)(?: me)?(?: through)?"
    rf" (?:to|with) {_SOMEBODY}(?: please| now)*",
]
_GIVES_UP = [
    r"(?:상담|문의|접수|대기|티켓)(?:은|는|을|를|도)?\s*(?:신청|요청|연결)?(?:은|는|을|를)?\s*(?:그냥\s*)?"
    r"(?:취소|철회)\S*(?:\s*(?:주|드)\S*)?",
    r"(?:그냥\s*)?취소\s*(?:할게|할께|할래|해\s*주|해줘|합니다|하겠|요|해요|부탁)\S*",
    r"(?:그냥\s*)?취소\s*(?:할게요?|할께요?|할래요?|해\s*주세요|해\s*줘요?|요|합니다|부탁\S*)?\s*"
    r"(?:상담|문의|접수|대기)(?:은|는|을|를|요)?",
    r"(?:상담|문의|채팅|대화)(?:은|는|을|를)?\s*(?:그만|종료|끝)\S*(?:\s*(?:할게|할래|하겠|해|주)\S*)*",
    r"(?:(?:상담|그냥)\s*)*(?:그만\s*(?:할|둘)|안\s*(?:할|받을)|갈|나갈)(?:게|께|래)요?",
    r"(?:이제\s*)?(?:안|그만)\s*기다릴\S+",
    r"(?:이제\s*|방금\s*|다\s*|혼자\s*|제가\s*)*해결(?:됐|되었|했|하였|봤)\S*",
    r"(?:(?:이제|그냥)\s*)*(?:괜찮(?:아요|습니다|아졌어요)|됐어요|됐습니다|필요\s*없(?:어요|습니다|어졌어요))",
    r"cancel(?: (?:it|that|this))?(?: please)?",
    r"(?:please |i want to |i'd like to |can you )?cancel (?:my|the|this) "
    r"(?:ticket|request|chat|inquiry|question|conversation)(?: please)?",
    r"(?:never ?mind|forget (?:it|about it))(?: then)?",
    r"(?:please |i want to |i'd like to |can you )?(?:end|close|stop) (?:my|the|this)"
    r" (?:ticket|request|chat|conversation)(?: please)?",
    r"(?:it's |it is |that's |all )?(?:been )?(?:solved|resolved|sorted)(?: now)?",
    r"i(?:'ve)? (?:solved|fixed|found|figured) (?:it|that|the answer)(?: out)?(?: myself)?",
    r"(?:i )?(?:no longer need|don'?t need) (?:help|it|this|an answer)(?: any ?more)?",
    r"(?:그냥\s*)?제가\s*(?:알아서|직접|다시)\s*(?:해\s*볼|할|찾아\s*볼)(?:게|께)요?",
    r"i(?:'ll| will) (?:do|sort|handle|figure|try) (?:it|that|this)(?: out)?(?: by)? myself",
]
_TAIL = r"(?: (?:감사|고마|고맙|죄송)[가-힣]{1,4}| thanks| thank you| thx| sorry)*"
_LEAVES = re.compile(f"{_LEAD}(?:{'|'.join(_GIVES_UP)})(?: (?:{'|'.join(_GIVES_UP)}))?{_TAIL}")
_MEANT = re.compile(f"{_LEAD}(?:{'|'.join([*_ASKS, *_CALLS])}){_TAIL}|{_LEAVES.pattern}")


def about_waiting(text: str) -> bool:
    """Whether somebody asks how much longer it takes until a person answers, or who is there, or
    for that person once more, or says that they need no answer any more."""
    return _says(_MEANT, text)


def gives_up(text: str) -> bool:
    """Whether somebody says that they need no answer any more."""
    return _says(_LEAVES, text)


def _says(meaning: re.Pattern[str], text: str) -> bool:
    if len(text) > LONGEST:
        return False
    # Normalising takes a lone ㅠ for part of a syllable.
    plain = unicodedata.normalize("NFKC", re.sub("[ㅠㅜㅋㅎ]+", " ", text))
    plain = re.sub(r"[\s.,!?~;^]+", " ", plain.lower().replace("’", "'")).strip()
    return meaning.fullmatch(plain) is not None
