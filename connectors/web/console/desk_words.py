"""What the console says about found, linked, merged and split tickets, tags and macros."""

from __future__ import annotations

from ticketing.macros import VARIABLES

_KNOWN = ", ".join(f"{{{{{name}}}}}" for name in VARIABLES)

WORDS: dict[str, tuple[str, str]] = {
    "tickets.hint": ("접수번호, 고객 이름, 주고받은 말에서 찾기", "Code, name or what was said"),
    "tickets.found": ("문의 {n}건을 찾았어요.", "{n} tickets found."),
    "tickets.found.one": ("문의 {n}건을 찾았어요.", "{n} ticket found."),
    "tickets.unfound": ("찾는 문의가 없어요", "No such ticket"),
    "tickets.unfound.say": (
        "접수번호, 고객 이름, 고객과 상담원이 한 말, 메모에 모든 낱말이 있는 문의를 찾아요. "
        "낱말을 줄이거나 바꿔 보세요.",
        "Every word has to be in the code, the customer’s name, what the customer and agents said, "
        "or a note. "
        "Try fewer words, or others.",
    ),
    # linked tickets
    "tlinks": ("이어진 문의", "Linked tickets"),
    "tlinks.none": ("이어진 문의가 없어요.", "No linked tickets."),
    "tlinks.add": ("문의 잇기", "Link a ticket"),
    "tlinks.code": ("접수번호, 이름, 말로 찾기", "Code, name or what was said"),
    "tlinks.which": ("이을 문의", "The ticket to link"),
    "find.none": ("찾는 것이 없어요.", "Nothing found."),
    "find.more": ("더 있어요. 낱말을 더해 보세요.", "There are more. Add a word."),
    "tlinks.remove": ("잇기 해제", "Unlink"),
    "relation.follow_up_of": ("이 문의의 앞선 문의", "This follows it"),
    "relation.followed_by": ("후속 문의", "Follows this"),
    "relation.related": ("관련 문의", "Related"),
    "relation.merged_into": ("여기에 합쳐졌어요", "This is merged into it"),
    "relation.merged_here": ("이 문의에 합쳐짐", "Merged into this"),
    "relation.split_from": ("여기에서 나뉘었어요", "This was split from it"),
    "relation.split_off": ("이 문의에서 나뉨", "Split off from this"),
    "said.related": ("두 문의를 이었어요.", "The tickets are linked."),
    "said.unrelated": ("잇기를 해제했어요.", "The link is removed."),
    "error.linked_already": ("이미 이어진 문의예요.", "These tickets are linked already."),
    "error.link_itself": (
        "자기 자신과는 이을 수 없어요.",
        "A ticket cannot be linked to itself.",
    ),
    "error.no_ticket": ("그런 접수번호가 없어요.", "There is no ticket with this code."),
    "reason.not_solved": (
        "지난 문의가 해결되지 않았다고 했어요",
        "Says the earlier ticket is not solved",
    ),
    "service.reopen": ("다시 열 수 있는 기간(일)", "Can be reopened for (days)"),
    "service.reopen.hint": (
        "그 뒤에 ‘해결되지 않았어요’를 누르면 이어지는 새 문의가 열려요.",
        "After that, “not solved” opens a new ticket that follows it.",
    ),
    # macros
    "nav.tools": ("도구", "Tools"),
    "tools": ("상담 도구", "Desk tools"),
    "tools.macros": ("매크로", "Macros"),
    "tools.tags": ("태그", "Tags"),
    "macro.lead": (
        "자주 쓰는 답변이에요. 고객의 언어로 골라 넣고, 보내기 전에 고칠 수 있어요.",
        "Answers you give often. They are put in the customer’s language and can be edited first.",
    ),
    "macro.name": ("이름", "Name"),
    "macro.new": ("새 매크로", "New macro"),
    "macro.remove": ("매크로 지우기", "Remove the macro"),
    "macro.tags": ("보낼 때 붙일 태그", "Tags to add"),
    "macro.tags.hint": ("환불, 배송", "refund, delivery"),
    "macro.priority": ("보낼 때 우선순위", "Priority to set"),
    "macro.priority.same": ("그대로", "Leave as it is"),
    "macro.resolves": ("보낸 뒤 해결로 바꾸기", "Resolve after sending"),
    "macro.variables": ("쓸 수 있는 변수", "Variables"),
    "macro.else": ("모르면 “{words}”", "“{words}” if not known"),
    "macro.fallback": (
        "값을 모를 때 쓸 말은 직접 적을 수 있어요:",
        "You can write what stands there when the value is not known:",
    ),
    "macro.fallback.example": ("최근 주문", "your last order"),
    "macro.pick": ("매크로", "Macro"),
    "macro.missing": (
        "값이 없어 다른 말을 넣었어요: {names}. 보내기 전에 확인해 주세요",
        "No value for {names}: other words stand there. Please read it over",
    ),
    "macro.other_language": (
        "고객의 언어로 된 글이 없어 {locale}로 넣었어요",
        "Not written in the customer’s language: this is {locale}",
    ),
    "macro.does": ("보내면 함께: {what}", "When sent: {what}"),
    "variable.customer.name": ("고객 이름", "The customer’s name"),
    "variable.customer.tier": ("고객 등급", "Their tier"),
    "variable.agent.name": ("보내는 상담원", "The agent who sends it"),
    "variable.ticket.code": ("접수번호", "The ticket’s code"),
    "variable.ticket.question": ("문의 내용", "What was asked"),
    "variable.order.last": ("마지막 주문번호", "Number of the last order"),
    "variable.order.status": ("마지막 주문의 상태", "State of the last order"),
    "said.macro": ("매크로를 저장했어요.", "The macro is saved."),
    "said.macro.removed": ("매크로를 지웠어요.", "The macro is removed."),
    "error.macro.variable": (
        f"없는 변수예요: {{wrong}}. 쓸 수 있는 변수: {_KNOWN}",
        f"There is no variable {{wrong}}. You can use {_KNOWN}",
    ),
    "error.macro.brace": (
        "중괄호는 변수에만 쓸 수 있어요. 예: {{customer.name}}",
        "Braces are only for variables, such as {{customer.name}}.",
    ),
    "error.macro.length": (
        "이름은 60자, 글은 2,500자, 태그는 10개까지예요.",
        "A name has 1 to 60 characters, a text 2,500 and 10 tags at most.",
    ),
    "error.macro.missing": (
        "한국어나 영어 글이 하나는 있어야 해요.",
        "A text is needed in Korean or English.",
    ),
    "error.macro.tag": (
        "태그는 40자까지이고 쉼표를 쓸 수 없어요.",
        "A tag has at most 40 characters.",
    ),
    # tags
    "tags.lead": (
        "새 문의가 열릴 때 규칙에 맞으면 태그가 붙어요. 왜 붙었는지는 문의에 보여요.",
        "A ticket gets a tag when it is opened and a rule fits. The ticket says which one did.",
    ),
    "tags.rules": ("자동 태그 규칙", "Rules for tags"),
    "tags.rules.none": ("아직 규칙이 없어요.", "There are no rules yet."),
    "tags.when": ("조건", "If"),
    "tags.if.word": ("질문에 이 말이 있으면", "the question has this word"),
    "tags.if.topic": (
        "챗봇이 먼저 찾은 문서의 제목에 이 말이 있으면",
        "the bot’s first article has this in its title",
    ),
    "tags.if.channel": ("이 채널로 왔으면", "it came by this channel"),
    "tags.if.language": ("이 언어이면", "it is in this language"),
    "tags.value": ("찾을 말", "Text"),
    "tags.channel": ("채널", "Channel"),
    "tags.language": ("언어", "Language"),
    "tags.tag": ("태그", "Tag"),
    "tags.rule.add": ("규칙 추가", "Add the rule"),
    "tags.rule.remove": ("규칙 지우기", "Remove the rule"),
    "tags.used": ("열린 문의의 태그", "Tags of open tickets"),
    "tags.used.none": ("태그가 붙은 열린 문의가 없어요.", "No open ticket has a tag."),
    "tags.none": ("태그가 없어요.", "No tags."),
    "tags.add": ("태그 추가", "Add a tag"),
    "tags.remove": ("태그 빼기", "Take off"),
    "tags.filter": ("태그로 거르기", "Filter by tag"),
    "tags.all": ("모두 보기", "Show all"),
    "tag.why.word": ("질문에 “{value}”", "“{value}” in the question"),
    "tag.why.topic": ("찾은 문서에 “{value}”", "“{value}” in the article found"),
    "tag.why.channel": ("{value} 채널", "came by {value}"),
    "tag.why.language": ("언어: {value}", "language: {value}"),
    "tag.why.macro": ("매크로 {value}", "macro {value}"),
    "tag.why.agent": ("{value}", "by {value}"),
    "said.rule": ("규칙을 추가했어요. 지금부터 오는 문의에 붙어요.", "The rule holds from now on."),
    "said.rule.removed": ("규칙을 지웠어요.", "The rule is removed."),
    "said.tagged": ("태그를 붙였어요.", "Tagged."),
    "said.untagged": ("태그를 뺐어요.", "The tag is off."),
    "error.rule": (
        "값은 80자, 태그는 40자까지이고 규칙은 200개까지예요.",
        "A value has at most 80 characters, a tag 40; there are 200 rules at most.",
    ),
    "error.rule.length": (
        "찾을 말을 1자에서 80자로 적어 주세요.",
        "Write 1 to 80 characters to look for.",
    ),
    "error.rule.channel": (
        "없는 채널이에요: {value}. 목록에서 골라 주세요.",
        "There is no channel {value}. Choose one from the list.",
    ),
    "error.rule.language": (
        "없는 언어예요: {value}. 목록에서 골라 주세요.",
        "There is no language {value}. Choose one from the list.",
    ),
    "error.rule.same": ("이미 있는 규칙이에요.", "There is such a rule already."),
    # merging and splitting
    "merge": ("합치기", "Merge"),
    "merge.into": ("이 문의를 합칠 곳", "Merge this ticket into"),
    "merge.none": (
        "이 고객의 다른 문의가 없어요.",
        "This customer has no other ticket.",
    ),
    "merge.say": (
        "같은 고객의 문의끼리만 합쳐요. 언제든 되돌릴 수 있어요.",
        "Only tickets of one customer. It can be undone at any time.",
    ),
    "merge.undo": ("되돌리기", "Undo"),
    "merge.part": ("{code}에서 이어짐", "Goes on as {code}"),
    "split": ("나누기", "Split"),
    "split.at": ("이 메시지부터 새 문의로", "A new ticket from this message on"),
    "split.say": (
        "둘째 용건을 이어진 새 문의로 나눠요. 되돌릴 수 있어요.",
        "The second matter becomes a linked ticket of its own. It can be undone.",
    ),
    "front": ("고객의 다음 글을 이 문의로 받기", "Customer’s next words come here"),
    "front.say": (
        "지금은 고객이 쓰는 글이 다른 열린 문의로 가요.",
        "What the customer writes goes to their other open ticket now.",
    ),
    "front.aside": ("나눈 문의", "Split off"),
    "said.merged": ("문의를 합쳤어요.", "Merged."),
    "said.split": ("새 문의로 나눴어요.", "Split into a new ticket."),
    "said.taken_apart": ("되돌렸어요.", "Undone."),
    "said.front": ("이제 고객의 글이 이 문의로 와요.", "What they write comes here now."),
    "error.merge.itself": (
        "자기 자신과는 합칠 수 없어요.",
        "A ticket cannot be merged into itself.",
    ),
    "error.merge.not_one_person": (
        "다른 고객의 문의예요. 같은 사람이면 먼저 두 고객을 연결해 주세요.",
        "These are of two customers. If they are one person, link the customers first.",
    ),
    "error.merge.at_rest": (
        "둘 중 하나는 이미 다른 문의의 일부예요.",
        "One of these is a part of another ticket already.",
    ),
    "error.merge.later": (
        "그 뒤에 합치거나 나눈 것을 먼저 되돌려 주세요.",
        "One of the two was merged or split after this. Undo that first.",
    ),
    "error.merge.resolved": (
        "해결된 문의예요. 먼저 다시 열어 주세요.",
        "It is resolved. Reopen it first.",
    ),
    "error.merge.first": (
        "첫 메시지부터는 나눌 수 없어요.",
        "Nothing would be left of this ticket.",
    ),
    "error.merge.not_theirs": (
        "이 문의에 있는 고객의 메시지를 골라 주세요.",
        "Choose a message of the customer in this ticket.",
    ),
    "reason.split": ("다른 문의에서 나뉘었어요", "Split off from another ticket"),
}  # fmt: skip
