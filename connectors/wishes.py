"""Who asks for a person first of all asks nothing yet: what it is about is what they write next."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

# For PostgreSQL.
_ALONE = (
    r"^(?:\s|[.,!?~^ㅠㅜㅋㅎ]|안녕하세요|저기요|네|아니요?|그냥|좀|빨리|지금|당장|바로|제발|혹시|하고|으?로"
    r"|(?:상[담당]\s?(?:원|사|직원)?|직원|담당자|고객\s?센터|사람|인간|운영자|관리자|책임자|팀장)(?:분|님)*"
    r"(?:이요|요|이랑|랑|하고|과|와|께|한테|에게|으로|을|를|이|은|는|도)?|(?:챗|로)?봇\s?말고"
    r"|(?:연결|통화|전화|대화|얘기|이야기|호출|부탁|요청|바꿔|불러|말)(?:을|를)?"
    r"(?:하고|해|할|드립니다|드려요|합니다|해요|되나요|돼요)?"
    r"|여보세요|계세요|언제(?:쯤)?|아직(?:도|인가요|이에요|요)?|멀었(?:나요|어요)|얼마나|걸리나요|걸려요|되나요|돼요"
    r"|(?:주|줘|주실|싶|원|필요|가능|할|될|있|수)(?:요|세요|십시오|래요?|어요?|습니다|은데요?|해요?|합니다|한가요"
    r"|하?나요|께요|게요|까요)?"
    r"|\m(?:hello|hi|hey|please|pls|now|just|ok|no|i|me|a|an|the|to|with|can|could|would|like|want|need|get|let"
    r"|may|you|real|live|human|being|person|people|agent|representative|rep|operator|someone|somebody"
    r"|manager|supervisor|advis[eo]r|support|staff|team|customer|service|talk|speak|chat|connect|transfer|d)\M"
    r"|['’])+$"
)
GIVEN = {"person_alone": _ALONE}

# What is asked in the ticket ``t``; NULL as long as it is nothing but the wish for a person.
ASKED = """
    CASE WHEN t.question = '' OR length(t.question) < 80 AND t.question ~* :person_alone THEN (
         SELECT c.text FROM message c
          WHERE c.conversation_id = t.conversation_id AND c.author = 'customer'
            AND c.kind = 'text' AND c.at >= t.opened_at AND c.text !~* :person_alone
          ORDER BY c.id LIMIT 1)
    ELSE t.question END
"""
_OF = sql(f"SELECT t.id, {ASKED} FROM ticket t WHERE t.id = ANY(:tickets)")


def asked(session: Session, tickets: Collection[int]) -> dict[int, str]:
    """What is asked in each of these tickets where anything is, by its id."""
    rows = session.execute(_OF, {"tickets": list(tickets), **GIVEN})
    return {id: question for id, question in rows if question}
