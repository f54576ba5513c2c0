"""What asks nothing and answers nothing: a face, a sigh, "I don't know", praise, the end of it, or
only what somebody is known by."""

from __future__ import annotations

import re

from bot.actions import reply, threats
from bot.actions.reply import Reply
from bot.actions.texts import TEXTS
from bot.actions.turn import Turn
from knowledge_base import elliptical, smalltalk, spelling, text

LONGEST = 80  # characters
NAME = "{name}"  # the shop's, in a text of the domain
_ENDS = re.compile(r"[\W_ㅋㅎㅠㅜ]+$")
_SEPARATED = r"[\s.,!?~…;\ufe0f]*"
_SAD = (
    "[ㅠㅜ\u2639\U0001f44e\U0001f494\U0001f612\U0001f61e-\U0001f629\U0001f62d"
    "\U0001f620-\U0001f624\U0001f92c\U0001f613-\U0001f616\U0001f62b\U0001f630\U0001f644\U0001f926"
    "\U0001f97a\U0001f4a2\U0001f4a9\U0001f595]"
)
SAD = re.compile(_SAD)
_SAD_FACES = (
    r">?[:;=]['’`]?[-o^]?[(\[{/\\|]+|D[:=](?!\w)|[TtㅠㅜQ;]+[._-]+[TtㅠㅜQ;]+|T{2,}|ㅡ[._]?ㅡ+|[-=][._]+[-=]"
    rf"|{_SAD}+"
)
_VERY = (
    r"(?:(?:아|하|에휴|이런|근데|그럼|너무|넘|진짜|정말|완전|좀|참|많이|되게|왜\s*이렇게)[\s,.]*)*"
)
_SIGHS = (
    r"하(?=\W*\.)|하아+|에?휴+|[아어]휴+|에효|아이고+|아이구+|어이구|이런|헐+|힝+|흑+|젠장|아놔|아오+|으악"
    rf"|{_VERY}(?:비싸|어렵|아깝|속상하|답답하|망했|짜증\s*나|짜증나|귀찮|복잡하|슬프|아쉽|안타깝)(?:네요?|다|당|군요?)"
    rf"|{_VERY}(?:비싸|어려워|아까워|속상해|답답해|망했어|짜증\s*난다|짜증\s*나|귀찮아|복잡해|슬퍼|아쉬워)요?"
    rf"|{_VERY}(?:말도\s*안\s*(?:돼요?|되네요?|됩니다)|너무하네요?|어이없네요?|황당하네요?|기가\s*막히네요?)"
    rf"|{_VERY}(?:늦|느리|오래\s*걸리|심하|불편하|힘들|별로)(?:네요?|다)|별로(?:예요|에요|이에요|네요)"
    r"|(?:별점?\s*)?(?:[01]|빵|영)\s*점(?:이에요|이다|\s*(?:준다|줄게요?|드려요|드릴게요|줍니다))?"
    r"|(?:zero|one|0|1) stars?"
    rf"|{_VERY}{smalltalk.SWEARS}|(?:개|좆|거지|엿|뭐|뭣)\s*같(?:네요?|다|아요?|은데요?)"
    r"|(?:u+gh+|sigh|argh+|damn|dang|omg|oh no|oh dear|a+w+|bummer|too bad|that sucks"
    r"|(?:(?:that['’]?s|that is|it['’]?s|so|very|too|really|pretty|how|a bit)\s+)*"
    r"(?:expensive|pricey|annoying|frustrating|complicated|confusing|sad|a pity|a shame))(?![a-z])"
)
_UPSET = re.compile(rf"(?:{_SEPARATED}(?>{_SAD_FACES}|{_SIGHS}))++{_SEPARATED}", re.IGNORECASE)
_GLAD_FACES = re.compile(
    rf"(?:{_SEPARATED}(?>[:;=]['’`]?-?[)\]DPp]+|\^[_.]?\^+|<3+|[♡♥]))++{_SEPARATED}"
)
_UNSURE = re.compile(
    r"(?:(?:아니|음|어|글쎄요?|그냥|근데|솔직히|사실|저도|나도|저는|제가|나는|난|전|잘|진짜|정말|하나도|도무지|도통|전혀|아직"
    r"|뭐가\s*뭔지|(?:무슨|뭔)\s*(?:말|소리|뜻|얘기)인지|뭔지"
    r"|(?:어느|어떤|무슨)\s*(?:것|거|건|게|내용)?\s*(?:인지|건지|맞는지)"
    r"|(?:뭘|뭐를|어느\s*걸|어떤\s*걸)\s*(?:골라야|눌러야|선택해야|물어봐야)\s*(?:할지|하는지|될지|되는지))"
    r"(?:는|도)?[\s,.~…]*)*"
    r"(?:(?:모르|몰)(?:겠|겟)(?:어요?|습니다|슴다?|네요?|는데요?|는데|다고요?|다구요?|다니까요?|다|음|당|어용)"
    r"|몰라요?|모릅니다|모름|글쎄(?:요|다)?|헷갈(?:려요?|리네요?|립니다)|애매(?:해요?|하네요?|합니다)"
    r"|이해가?\s*(?:잘\s*)?안\s*(?:돼요?|되네요?|가요?|됩니다|되는데요?))"
    r"|(?:(?:u+m+|uh+|hm+|well|no|honestly|sorry|but|so|really|still|i['’]?m|i am|im)[\s,.]+)*"
    r"(?:not (?:really |so |quite |too |entirely |very )?(?:sure|certain)"
    r"|i? ?(?:really |honestly |still )?(?:do not|don['’]?t) (?:really )?"
    r"(?:know|understand|get (?:it|this|that))"
    r"|(?:i )?(?:have )?no (?:idea|clue)|idk|(?:i )?dunno|unsure|hard to (?:say|tell)"
    r"|(?:a bit )?confused)"
    r"(?: (?:which(?: one)?(?: it is)?|either|yet|sorry|really|tbh|this|that|it|exactly))*",
    re.IGNORECASE,
)
# Syllables that end in ㄹ, as what is wished does: "할래", "살게".
_L = "[" + "".join(map(chr, range(0xAC08, 0xD7A4, 28))) + "]"
# "안 할래요", "됐어요, 안 살게요": nothing is wanted any more.
_LEAVES = re.compile(
    rf"(?:(?:아|아니|에이|그럼|그냥|저는|전|난|됐고|됐어요?)[\s,.!~]*)*안\s*[가-힣]{{0,3}}{_L}[래게께]요?"
    r"|안\s*(?:해요?|삽니다|합니다)(?:[\s,.]*그럼)?"
    r"|(?:ok(?:ay)?,? )?forget (?:it|about it)",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"(?:(?:아|아니|아니요|그냥)[\s,.!~]*)*(?:아무\s*것도\s*아니(?:에요|예요|야|라고요?)?|그냥요?"
    r"|그냥\s*(?:물어본\s*(?:거|것)|한번\s*해\s*본\s*(?:거|것))\s*(?:예요|에요|이에요|야)|그냥\s*물어봤어요?)"
    r"|(?:it['’]?s |oh )?(?:nothing|just (?:asking|looking|testing))",
    re.IGNORECASE,
)
_MOMENT = re.compile(
    r"(?:네\s*)?(?:\d{1,2}\s*분|조금|잠깐|잠시)만\s*(?:더\s*)?(?:요|기다려\s*(?:주세요|주십시오|줘요?))?"
    r"|(?:(?:please )?(?:give me|wait|just) )?(?:a|one|\d{1,2}) (?:min|minute|moment|sec|second)s?"
    r"(?:,? please)?",
    re.IGNORECASE,
)
# What somebody says before the question: their name, that they will ask, that they bought
# something. Who says what they got, or could not buy, may have said already what is wrong.
_BEGINS = re.compile(
    r"(?<![안못])(?<![안못] )(?:샀|구매했|구입했|주문했|시켰|결제했|가입했)(?:는데|거든)요?\W*$"
    r"|(?:문의|질문|궁금|물어|여쭤|여쭙|알고|부탁)\S*\s*(?:싶은\s*)?(?:게|것이|거|건|점이|사항이)"
    r"\s*(?:좀\s*|하나\s*)?있(?:어서요?|는데요?|습니다|어요)\W*$"
    r"|(?:저는|전|제\s*이름은)\s*\S{1,8}\s*(?:이?라고\s*(?:합니다|해요))\W*$"
    r"|(?:사람|고객|회원)\s*(?:인데요?|입니다만?|이에요|예요)\W*$"
    r"|^\W*(?:i(?:['’]?ve| have)(?: got)? )?(?:an?|another|one more) "
    r"(?:quick )?(?:problem|issue|question)\W*$"
    r"|(?:하나|한\s*가지|뭐|뭣)만?\s*(?:좀\s*)?(?:더\s*)?(?:물어|여쭤|질문|궁금)\S*\W*$"
    r"|^(?:hi|hello|hey)?\W*can (?:you|u|i) (?:help|ask)\b"
    r"|^(?:hi|hello|hey)?\W*my name is\b(?!.*(?:\?|\b(?:and|but|my .*\bmy)\b))"
    r"|^(?:hi|hello|hey)?\W*i(?:['’]ve| have)? (?:just )?(?:bought|ordered|purchased)\b"
    r"(?!.*(?:\?|\b(?:no|not|never|nothing|wrong|twice|but)\b|n['’]t\b))",
    re.IGNORECASE,
)
# Of what was told: whether it is so.
_DOUBTS = re.compile(
    r"(?:(?:아|오|헐|엥|네|음|어|와)[\s,.!~]*)*"
    r"(?:정말(?:로|요|이에요|인가요|이죠)?|진짜(?:로|요|예요|에요|죠|인가요|임)?|레알|ㄹㅇ|리얼"
    r"|(?:그게\s*)?(?:확실(?:해요?|한가요|하죠|한\s*거죠)|맞(?:아요|나요|죠|는\s*거죠|는\s*건가요)|사실인가요))\s*[?？]+"
    r"|(?:(?:oh|wait|wow|hm+)[\s,]+)*(?:really|seriously|for real|are you sure"
    r"(?: about (?:that|this))?|is (?:that|this) (?:true|right|correct|for real))\s*\?+",
    re.IGNORECASE,
)
_WHOSE = re.compile(
    r"(?:여기가?|거기가?|혹시)?\s*(?:이?죠|인가요|입니까|이?에요|예요|맞(?:죠|지요?|나요|아요|습니까))\W*"
    r"|is (?:this|it)(?: the)?\W*",
    re.IGNORECASE,
)
_URGENT = re.compile(
    r"(?:(?:아|제발|좀|너무|진짜|정말|지금|매우|많이|되게)[\s,.!]*)*"
    r"(?:급(?:해요?|합니다|하네요|한데요?|함)|빨리\s*좀요?|빨리요"
    r"|빨리\s*(?:좀\s*)?(?:해\s*(?:주세요|줘요?)|답해?\s*(?:주세요|줘요?)))"
    r"|(?:please[\s,]+)?(?:(?:it['’]?s |this is )?(?:very |really |so )?urgent|hurry(?: up)?"
    r"|asap|quickly)(?:[\s,]+please)?",
    re.IGNORECASE,
)
_HELP = re.compile(
    r"(?:(?:아|제발|좀|그럼|이제|근데|더)[\s,.!~]*)*(?:(?:도와|살려)\s*(?:주세요|줘요?|주실\s*수\s*있나요)"
    r"|어떡하(?:죠|지요?|나요)|어떡해요?|어쩌(?:죠|지요?|나요)|쉽게\s*(?:설명|말씀?)\S{0,3}\s*(?:해\s*)?(?:주세요|줘요?))"
    r"|(?:please[\s,]+)?help(?: me)?(?: out)?(?:[\s,]+please)?"
    r"|(?:so[\s,]+)?what (?:do i do|should i do|now)(?: now| then)?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"[가-힣]{1,6}(?:시|도|군|구)\s+(?:[가-힣]{1,6}(?:시|군|구|읍|면)\s+)*[가-힣\d]{1,10}(?:동|로|길|읍|면|리|가)\s*\d"
)
_OVER = re.compile(
    r"(?:(?:이제|그만|그럼)\s*)*(?:상담|채팅|대화|문의|챗봇?)(?:을|은|이)?\s*(?:이제\s*)?"
    r"(?:끝|종료|그만|마칠게요|마칩니다|마치겠습니다|끝내겠습니다)"
    r"(?:요|이요|이에요|할게요|하겠습니다|낼게요|합니다|해요|해\s*주세요|났어요|됐어요)?"
    r"|(?:please\s+|let['’]?s\s+)?(?:end|close|stop|finish|exit|leave|quit)"
    r"(?: (?:the|this|our|my))?"
    r" (?:chat|conversation|session)(?: (?:now|please))*",
    re.IGNORECASE,
)
_PRAISE = re.compile(
    r"(?:[예이](?:쁘|뻐)|귀여워|귀엽|(?:마음|맘)에\s*(?:(?:쏙|꼭|너무|정말|아주|진짜|딱)\s*)*(?:들어|듭|드네)"
    r"|최고(?:예|에|네|입|다|야|!|$)|만족(?:해|합|스러|스럽|이에)|(?:너무|정말|진짜|아주|참|딱|완전)\s*좋아|좋(?:네|았|더라)"
    r"|친절하(?:네|시네|셨|더라)|빠르(?:네|더라)|빨랐|감동|훌륭|완벽하|고급스|잘\s*(?:받았|도착했|왔)"
    r"|[예이]쁘게\s*(?:왔|받|도착))[가-힣]{0,5}\W*$"
    r"|잘\s*(?:입|쓰|쓸|신|먹|들)[가-힣]{0,2}게요\W*$"
)
_MUCH = r"(?:(?:so|very|really|absolutely|just|super|truly|totally|both|all)\s+)*"
_GOOD = (
    r"(?:beautiful|gorgeous|stunning|amazing|excellent|fantastic|wonderful|brilliant|lovely|awesome|perfect"
    r"|great|good|nice|cute|pretty|comfortable|(?:the )?best)(?:\s+quality)?"
)
_IT = r"(?:it|they|this|that|everything|(?:my|the|your)(?:\s+new)?\s+[a-z]+)"
_ENGLISH_PRAISE = re.compile(
    rf"(?:i|we)\s+{_MUCH}(?:love|adore|like)\s+(?:it|them|this|these|(?:my|the|your)(?:\s+new)?\s+[a-z]+)"
    rf"|{_IT}(?:['’]s|['’]re|\s+(?:is|are|was|were|looks?|feels?|fits?))\s+{_MUCH}{_GOOD}|{_IT}\s+fits\s+perfectly"
    rf"|{_MUCH}(?:beautiful|gorgeous|stunning|amazing|wonderful|lovely|excellent|fantastic|brilliant)"
    rf"|{_MUCH}{_GOOD}\s+(?:job|work|service|shop|store|stuff)|well\s+done"
    rf"|you(?:\s+guys)?(?:\s+are|['’]re)\s+{_MUCH}{_GOOD}"
    rf"|(?:(?:i|we)(?:['’]m|['’]re|\s+am|\s+are)\s+)?{_MUCH}(?:happy|pleased|satisfied)\s+with\s+{_IT}",
    re.IGNORECASE,
)
_ARRIVED = re.compile(
    rf"{_IT}\s+(?:just\s+|has\s+)?(?:arrived|came)(?:\s+(?:today|yesterday|quickly|safely|early|on\s+time))*",
    re.IGNORECASE,
)
_HELLO = re.compile(r"^\W*안녕[가-힣]*\W*")
_SENTENCE = re.compile(r"[.!~,;]+|\band\b", re.IGNORECASE)
_NO_PRAISE = re.compile(
    r"[?？\d]|[안못]|않|없|아니|아닌|지만|[는은인던한른]데|면|려고|싶|어떻|어떡|어떤|어느|무슨|언제|얼마|왜|뭐|어디|주세요|줘"
    r"|[나까가]요|환불|반품|교환|취소|쿠폰|작[은아]|커요|크네|[ㅠㅜ]|별로|날[이씨]|좋겠|보다|대신|[은는]요|이게|중에"
)


def aside(turn: Turn) -> Reply | None:
    """What is said to a message that asks nothing, however it is understood; None to any other."""
    said = turn.text.strip()
    if not said or len(said) > LONGEST or said.startswith("/"):
        return None
    if threats.threatens(said):
        return reply.say("serious", turn.locale, buttons=[reply.person_button(turn.locale)])
    if _DOUBTS.fullmatch(said) and turn.context().told:
        return reply.say("sure", turn.locale)  # no button, so that a "네" to it is a nod
    if is_upset(said):
        return upset(turn)
    if _GLAD_FACES.fullmatch(said):
        return reply.say("listening", turn.locale)
    if is_unsure(said):
        return helped_on(turn)
    if _URGENT.fullmatch(_ENDS.sub("", said)):
        return reply.say("urgent", turn.locale, buttons=[reply.person_button(turn.locale)])
    if turn.name and _asks_whose(turn.name, said):
        return kind_word(turn, "greet")
    if _NOTHING.fullmatch(_ENDS.sub("", said)):
        return reply.say("listening", turn.locale)
    if _MOMENT.fullmatch(_ENDS.sub("", said)):
        return kind_word(turn, "acknowledge")
    if is_left(said) and "?" not in said and turn.context().last_question is not None:
        return reply.say("listening", turn.locale)
    if is_over(said):
        return kind_word(turn, "goodbye")
    if turn.intent not in ("thanks", "goodbye") and is_praise(said):
        return reply.say("glad", turn.locale)
    if names_oneself(turn) and not _has_words(smalltalk.strip(turn.index.impersonal(said))):
        return known_by(turn)
    return None


def is_upset(said: str) -> bool:
    """Whether it is nothing but a sad or angry face, a sigh, or how it feels: ":(", "비싸네"."""
    return _UPSET.fullmatch(said) is not None


def is_unsure(said: str) -> bool:
    """Whether it says that somebody does not know, and not what: "잘 모르겠어요", "not sure"."""
    return _UNSURE.fullmatch(_ENDS.sub("", said)) is not None


def wants_help(said: str) -> bool:
    """Whether it only says that somebody does not get on: "어떡하죠", "제발 도와주세요"."""
    return _HELP.fullmatch(_ENDS.sub("", said)) is not None


def is_left(said: str) -> bool:
    """Whether it says that nothing is wanted any more: "그냥 안 할래요", "forget it"."""
    return _LEAVES.fullmatch(_ENDS.sub("", said)) is not None


def is_over(said: str) -> bool:
    """Whether it ends the conversation: "상담 종료", "end this chat"."""
    return _OVER.fullmatch(_ENDS.sub("", said)) is not None


def is_praise(said: str) -> bool:
    """Whether it praises, and asks, wishes and regrets nothing: "너무 예뻐요", "I love it"."""
    if not text.has_hangul(said):
        parts = [one.strip() for one in _SENTENCE.split(said) if smalltalk.strip(one)]
        praised = [_ENGLISH_PRAISE.fullmatch(one) is not None for one in parts]
        others = [one for one, is_praised in zip(parts, praised, strict=True) if not is_praised]
        return any(praised) and "?" not in said and all(map(_ARRIVED.fullmatch, others))
    said = _HELLO.sub("", said)
    if _NO_PRAISE.search(said) or not _PRAISE.search(said):
        return False
    return elliptical.of_its_own(said) is None


def names_oneself(turn: Turn) -> bool:
    """Whether the number of an order, a telephone number or an e-mail address is in a message."""
    return turn.index.impersonal(turn.text) != turn.text


def is_address(said: str) -> bool:
    """Whether it has a Korean postal address: "서울시 마포구 서교동 123"."""
    return _ADDRESS.search(said) is not None


def begins(said: str) -> bool:
    """Whether it only leads up to a question: "문의드릴 게 있는데요", "I have a problem"."""
    return _BEGINS.search(said) is not None


def asked_on(turn: Turn) -> Reply:
    """To who has only begun: what is it about?"""
    return reply.say("go_on", turn.locale, buttons=[reply.person_button(turn.locale)])


def known_by(turn: Turn) -> Reply:
    """To who says what they are known by, as articles ask for it: a person can look that up."""
    return reply.say("known_by", turn.locale, buttons=[reply.person_button(turn.locale)])


def helped_on(turn: Turn) -> Reply:
    """To who does not know what to say: any words will do, or a person."""
    return reply.say("unsure", turn.locale, buttons=[reply.person_button(turn.locale)])


def upset(turn: Turn) -> Reply:
    """Sorry, and a person; where nothing was told yet, also the wish to know what happened."""
    if not turn.context().shown_articles:
        return kind_word(turn, "complain")
    return reply.say("upset", turn.locale, buttons=[reply.person_button(turn.locale)])


def kind_word(turn: Turn, intent: str) -> Reply:
    """What the domain says to ``intent``: the first of its texts, or the first that does not name
    the shop, if nobody told its name. Somebody upset is offered a person, too."""
    buttons = [reply.person_button(turn.locale)] if intent == "complain" else []
    for variant in turn.responses.get(f"utter_{intent}_{turn.locale}") or ():
        said = str(variant["text"])
        if turn.name or NAME not in said:
            said = said.replace(NAME, turn.name)
            if intent == "greet" and turn.locale == "ko" and _is_english(turn.text):
                said = f"{said} {TEXTS['in_english_too']['en']}"
            return reply.spoken(said, turn.locale, buttons=buttons)
    return reply.say("glad", turn.locale)


def _is_english(said: str) -> bool:
    """Whether a greeting is in Latin letters, and not Korean typed on an English keyboard."""
    if text.has_hangul(said) or spelling.in_korean(said):
        return False
    return any(letter.isalpha() and letter.isascii() for letter in said)


def _asks_whose(name: str, said: str) -> bool:
    """Whether it asks if this is the shop of this name: "거기 하늘상점 맞죠?"."""
    rest = re.sub(rf"\s*{re.escape(name)}\s*", " ", smalltalk.strip(said), flags=re.IGNORECASE)
    return rest != smalltalk.strip(said) and _WHOSE.fullmatch(rest.strip()) is not None


def _has_words(said: str) -> bool:
    return any(letter.isalnum() for letter in said)
