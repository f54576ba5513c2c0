"""Greetings, thanks and the like: recognised so that they are never answered by an article."""

from __future__ import annotations

import re

from knowledge_base import text

# "please", with and without "would you", "if you could, thank you".
_ASK = r"\s*(?:드립니다|드려요|드려용|드릴게요|드리겠습니다|합니다|해요|해용|드림|해)?"
_GIVE = (
    r"(?:주세요|주세용|주셔요|주십시오|줘요?|주라|주실래요|주시겠어요|주시겠습니까|주시길\s*바랍니다|"
    r"주시기\s*바랍니다|주실\s*수\s*있(?:나요|을까요|으세요)|줄\s*수\s*있(?:나요|을까요|어요?)|"
    r"주시면\s*(?:감사(?:하겠습니다|드리겠습니다|해요)|좋겠(?:어요|습니다)))"
)
# What somebody has who will ask: "문의드릴 게", "궁금한 점이", "문의사항".
_SOMETHING = (
    r"(?:(?:뭐\s*)?(?:좀|하나|몇\s*가지|한\s*가지)\s*)?"
    r"(?:(?:문의드릴|문의할|문의하고\s*싶은|질문드릴|질문할|여쭤볼|여쭙고\s*싶은|여쭤보고\s*싶은|물어볼|물어보고\s*싶은|궁금한|알고\s*싶은)"
    r"\s*(?:게|것이|거|건|점이|사항이|내용이|부분이)|(?:문의|질문)(?:\s*(?:사항|내용|거리))?이?가?)"
)
# Said in anger around anything: of a question it is no part.
SWEARS = (
    r"(?:(?:야\s*)?(?:이\s*)?(?:(?:씨|시|쒸|씹)이?(?:발|팔|바)(?:롬|놈|년|것)?(?:들|아|들아)?|ㅅㅂ|ㅆㅂ|ㅈㄴ|ㅈㄹ|존나|졸라|지랄(?:하네|이야)?"
    r"|개?새끼(?:야|들|들아)?|병신(?:아|들|들아|같네)?|ㅂㅅ|미친(?:놈|년|놈들|새끼)|좆(?:같네|까)?|닥쳐)(?![가-힣]))"
)
_KOREAN = (
    rf"{SWEARS}|"
    r"안녕(?:하세요|하십니까|하신가요|히\s*계세요|히\s*가세요|요|하세용|하셈)?|하이(?:요|루)?|헬로우?|ㅎㅇ|"
    r"반가(?:워요?|웠어요?|워|습니다)|(?:정말|너무|진짜|아주|완전|매우|많이|늘|항상)|"
    r"고마(?:워|워요|웠어요|웠습니다)|고맙(?:습니다|다|네요?|네)|감사(?:합니다|해요|드려요|드립니다|했습니다|해|요)?|"
    r"땡큐|ㄱㅅ|수고(?:하세요|하십시오|하셨습니다|하셨어요|많으십니다|많으세요|요)?|(?:좋은|즐거운)\s*(?:하루|저녁|아침|밤|주말)(?:\s*(?:되세요|보내세요|입니다))?|"
    r"잘\s*(?:가|가요|있어|있어요|자|자요)|바이바이|바이|빠이|다음에\s*(?:봐|봐요|뵈요|뵐게요)|"
    r"네+|넵+|넹|예+|응+|아니(?:요|다)?|아뇨|오케이|오키|ㅇㅇ|ㅇㅋ|ㄴㄴ|그래요?|그렇군요|그렇구나|알겠(?:습니다|어요|어)|알았(?:어요|어|습니다)|"
    r"도움이\s*(?:됐|되었|됐네)(?:어요|습니다|요)|해결(?:됐|되었)(?:어요|습니다)|[ㅋㅎㅠㅜㅡ]+|"
    r"(?:거기\s*)?(?:누구\s*(?:있|계)(?:어요|나요|세요|신가요|으세요)|계세요|계신가요)|저기요?|여보세요|누구(?:세요|야|시죠|예요|에요)|"
    r"(?:너|넌|당신은?|혹시)?\s*(?:사람|로봇|봇|챗봇|인공지능|ai)\s*(?:이야|이에요|이세요|인가요|이니|야|이냐|임|맞아요|맞나요|맞아)|"
    r"(?:너|넌|니|네|당신)?\s*이름(?:이|은)?\s*(?:뭐(?:야|예요|에요|니)|무엇인가요)|"
    r"문의\s*(?:드립니다|드려요|드릴게요|합니다|있습니다|있어요|좀\s*할게요|할게요)|(?:뭐\s*좀|하나만|질문\s*(?:하나\s*)?)?\s*(?:물어볼게요|여쭤볼게요|여쭤봐도\s*(?:될까요|되나요)|물어봐도\s*(?:돼요|될까요|되나요))|"
    r"질문\s*(?:있어요|있습니다|이요|하나\s*있어요|드려요|드립니다)|도와주세요|도와\s*주실\s*수\s*있나요|심심해요?|뭐\s*해(?:요)?|사랑해요?|"
    rf"(?:(?:빠른|신속한|정확한|자세한|친절한)\s*)?(?:답변|답장|회신|답|안내)\s*(?:좀\s*|꼭\s*|빨리\s*|빨리\s*좀\s*)?(?:부탁{_ASK}|해?\s*{_GIVE}|(?:기다릴게|기다려)요|기다리(?:겠습니다|고\s*있(?:어요|습니다)))|"
    rf"(?:좀\s*|꼭\s*|자세히\s*|빨리\s*)*(?:알려|가르쳐|설명해|말씀해|말해)\s*{_GIVE}|"
    r"(?:너무\s*)?궁금(?:합니다|해요?|하네요|하옵니다|해서요|해서\s*(?:문의드립니다|문의드려요|물어봐요|여쭤봐요))|"
    r"(?:너무\s*|좀\s*)?급(?:해요|합니다|하네요|함)|빨리요|"
    r"(?:죄송|미안)(?:한데요?|하지만|합니다만?|해요|하네요)|실례(?:지만|합니다만?|할게요)|다름이?\s*아니(?:라|고)요?|"
    rf"{_SOMETHING}\s*(?:(?:좀|하나)\s*)?있(?:는데요?|어서요?|어요|거든요|습니다만?|음)(?:\s*(?:연락|문의|글|톡|메시지)\s*(?:드렸(?:어요|습니다)|드려요|드립니다|남겨요|남깁니다|합니다|해요))?|"
    r"(?:상담[원사]|사장|담당자|판매자|관리자|매니저)님|(?:(?:여기|거기)\s*)?(?:고객|상담)\s*센터\s*(?:이?죠|인가요|맞(?:죠|나요|아요))|"
    r"(?:(?:아까|어제|방금|조금\s*전에?|지난번에|저번에|오전에|그제)\s*)?(?:문의|연락|상담|질문|채팅)(?:드린|드렸던|한|했던)\s*(?:사람|고객|회원)\s*(?:인데요?|입니다만?|이에요|예요)|"
    r"(?:하나|한\s*가지)만\s*더요?|(?:하나|한\s*가지)만?\s*더\s*(?:물어볼게요|여쭤볼게요|질문할게요|궁금한\s*게\s*있(?:어요|는데요?))|"
    r"혹시나?|그냥|차라리|도대체|대체|저+|근데요?|그런데요?|그럼|그러면|그리고|그니까|그러니까|그래서|음+|흠+|아|"
    r"(?:질문|문의|문의\s*(?:사항|내용))(?=\s*[:\]])"
)
_ENGLISH = (
    r"h(?:i|ello|ey|iya|owdy)(?:\s+there)?|greetings|good\s+(?:morning|afternoon|evening|night|day)|"
    r"thank(?:s|\s*you|\s*u)(?:\s+(?:a\s+lot|so\s+much|very\s+much|again|for\s+(?:your|the)\s+help))?|thx|ty|cheers|much\s+appreciated|"
    r"(?:good\s*)?bye(?:\s*bye)?|see\s+(?:you|ya)(?:\s+(?:later|soon))?|later|take\s+care|have\s+a\s+(?:nice|good|great)\s+(?:day|one|weekend|evening)|"
    r"how\s+are\s+you(?:\s+doing)?(?:\s+today)?|how(?:'s|\s+is)\s+it\s+going|what(?:'s|s|\s+is)\s+up|sup|nice\s+to\s+meet\s+you|"
    # "no, the fee", "no i want …", but not "no code arrived"
    r"no(?=\s*(?:$|[^\w\s]|(?:i|it|its|we|you|he|she|they|that|this|the|my|not|thanks?|please"
    r"|what|how|when|where|which|who|why|can|could|do|does|did|is|are|will|would)\b))|"
    r"yes|yeah|yep|nope|ok(?:ay)?|sure|great|cool|nice|perfect|awesome|alright|got\s+it|i\s+see|lol|haha+|hmm+|"
    r"(?:is\s+)?(?:anyone|anybody|somebody|someone)\s+(?:there|here)|are\s+you\s+(?:a\s+)?(?:real|human|bot|robot|an?\s+ai|a\s+person|there|real\s+person|a\s+real\s+person)(?:\s+person)?|"
    r"(?:who|what)\s+are\s+you|what(?:'s|\s+is)\s+your\s+name|am\s+i\s+(?:talking|speaking)\s+(?:to|with)\s+a\s+(?:bot|robot|human|person|real\s+person|machine)|"
    r"(?:i\s+have\s+)?(?:a|one|another)?\s*(?:quick\s+|more\s+)?question|(?:just\s+)?one\s+more\s+(?:thing|question)|"
    r"(?:i(?:['’]?ve|\s+have)(?:\s+got)?\s+)(?:a|an|this)\s+(?:problem|issue)|(?:can|could)\s+(?:i|you|u)\s+(?:ask\s+(?:you\s+)?(?:something|a\s+question)|help(?:\s+me)?)|help(?:\s+me)?|please|"
    r"that\s+(?:helped|was\s+helpful|works?|worked)|sorry|tell\s+me\s+a\s+joke|i\s+love\s+you"
)
_GAP = r"[\s,.!?~…·;:()\[\]\-♡♥^*]*"
_ONE = re.compile(rf"{_GAP}(?:(?:{_KOREAN})(?![가-힣])|(?:{_ENGLISH})(?![a-z0-9']))", re.IGNORECASE)
_LAST = re.compile(
    rf"(?:(?<![가-힣])(?:{_KOREAN})|(?<![a-z0-9'])(?:{_ENGLISH})|[ㅋㅎㅠㅜㅡ]+){_GAP}$",
    re.IGNORECASE,
)
_ONLY_SIGNS = re.compile(r"[^\w]*")


def strip(question: str) -> str:
    """The normalised question without greetings before and thanks behind it; may be empty.

    Emoji and signs alone count as nothing.
    """
    rest = text.normalise(question)
    while (found := _ONE.match(rest)) is not None and found.end():
        rest = rest[found.end() :]
    while (found := _LAST.search(rest)) is not None and found.group():
        rest = rest[: found.start()]
    return "" if _ONLY_SIGNS.fullmatch(rest) else rest.lstrip(" ,.!?~…·;:)]-♡♥^*").rstrip()
