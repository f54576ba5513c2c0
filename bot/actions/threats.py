"""That others will be told or asked to judge: "소비자원에 신고할 거예요", "I'll report you"."""

from __future__ import annotations

import re

from knowledge_base import elliptical

_AUTHORITIES = (
    r"(?:(?:한국\s?)?소비자\s?(?:보호\s?)?(?:원|센터|단체|고발\S*)|소보원|공정\s?거래\s?위원회|공정위"
    r"|경찰서?|검찰|금감원|국민\s?신문고|구청|시청)"
)
_PUBLIC = (
    r"(?:언론사?|방송국?|뉴스|신문사?|기자|인터넷|유튜브|인스타|트위터|sns|커뮤니티"
    r"|(?:맘\s?)?카페|블로그)"
)
_WITH = r"\s?(?:에다?가?|한테|에게)?\s?(?:다\s?|꼭\s?|바로\s?|당장\s?|글\s?)?"
# What is broken or lost is reported as well ("분실 신고할게요"): alone, or behind such words.
_ALONE = (
    r"(?:^|(?:너희|니들|여기|이거|그냥|진짜|정말|당장|지금|바로|계속|이러면|그러면|자꾸"
    r"|안\s?(?:해\s?)?주면|안\s?하면)[\s,]+)"
)
_WILL = r"\s?(?:할|한다|하겠|합니다|해\s?버|들어|걸|넣|준비)"
_AUTHORITIES_EN = (
    r"report(?:ing)? (?:you|u)\b|report(?:ed|ing)? (?:you|this) to\b"
    r"|su(?:e|ing) (?:you|u|this)\b|sue\W*$"
    r"|(?:lawyer|attorney|solicitor)s?\b|legal action|take you to court|(?:the )?police"
    r"|consumer (?:protection|affairs|agency|rights)|trading standards|charge ?back"
    r"|(?:bad|negative|terrible|awful|1[ -]star|one[ -]star) review|tell every(?:one|body)"
)
_THREATENS = re.compile(
    rf"{_AUTHORITIES}{_WITH}(?:신고|고발|제보|민원|접수|알릴|알려야)"
    rf"|{_PUBLIC}{_WITH}(?:신고|고발|제보|폭로|퍼뜨릴|퍼트릴|올릴|올려\s?버|올려야|알릴|알려야)"
    rf"|{_ALONE}(?:신고|고발|폭로){_WILL}|(?:고소|소송){_WILL}"
    r"|법적\s?(?:으로\s?)?(?:조치|대응|책임)|법대로|변호사|내용\s?증명|민원\s?(?:을\s?)?(?:넣|제기|낼|내겠)"
    r"|가만\s?(?:히\s?)?(?:안\s?(?:있|둬|둘|두)|있지\s?않|두지\s?않|못\s?있)"
    r"|(?:별점|후기|리뷰)\s?테러|(?:악평|(?:나쁜|안\s?좋은|최악의)\s?(?:후기|리뷰|평))\S{0,2}\s?(?:올|남|쓸|달)"
    r"|\b(?:(?:i|we)(?:['’](?:ll|m|ve)| will| am| have| want to)\b|going to|gonna)(?!.*\breturn)"
    rf".{{0,40}}\b(?:{_AUTHORITIES_EN})"
    r"|\b(?:see you in court|hear from my|my (?:lawyer|attorney|solicitor) will)\b",
    re.IGNORECASE,
)


def threatens(said: str) -> bool:
    """Whether it says so, and does not ask about that. No article is an answer to it."""
    return _THREATENS.search(said) is not None and elliptical.of_its_own(said) is None
