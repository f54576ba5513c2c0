"""The words of what the desk tells one person in Slack, in Korean and English."""

from __future__ import annotations

HINTS = {
    "not_linked": (
        "고객에게 전달되지 않았어요. 이 Slack 계정은 상담원으로 등록되어 있지 않아요. "
        "관리자에게 사용자 ID {user} 등록을 요청해 주세요.",
        "Not delivered: this Slack account is not linked to an agent. "
        "Ask your administrator to link the user id {user}.",
    ),
    "whispered": (
        "내부 메모로 남겼어요. 고객은 볼 수 없어요. 고객에게 답하려면 이 계정을 상담원과 연결해 "
        "주세요: /ticket link",
        "Kept as an internal note; the customer does not see it. To answer customers, link this "
        "account to an agent: /ticket link",
    ),
    "link_first": (
        "상담원만 쓸 수 있어요. 먼저 이 Slack 계정을 상담원과 연결해 주세요: /ticket link",
        "Only agents can do this. Link this Slack account to an agent first: /ticket link",
    ),
    "link_how": (
        "콘솔의 ‘내 계정’에서 Slack 연결 코드를 만들고 여기에 입력해 주세요: /ticket link 코드\n"
        "콘솔을 쓰지 않으면 관리자에게 코드를 요청해 주세요.",
        "Make a code under “My account” in the console and give it here: /ticket link CODE\n"
        "If you do not use the console, ask your administrator for a code.",
    ),
    "link_wrong": (
        "이 코드는 쓸 수 없어요. 틀렸거나, 이미 썼거나, 15분이 지났어요. 새 코드를 만들어 주세요.",
        "This code is wrong, was used already or is older than 15 minutes. Please make a new one.",
    ),
    "link_taken": (
        "이 Slack 계정은 이미 {agent} 상담원의 계정이에요.",
        "This Slack account belongs to the agent {agent} already.",
    ),
    "linked": (
        "✅ 이 Slack 계정은 {agent} 상담원과 연결되어 있어요. 이제 접수를 담당하고 답할 수 있어요.",
        "✅ This Slack account is linked to the agent {agent}. You can claim and answer tickets.",
    ),
    "relinked": (
        "✅ 이 Slack 계정을 {agent} 상담원과 연결했어요. 앞서 연결된 계정 {old}은(는) 이제 "
        "상담원의 계정이 아니에요.",
        "✅ This Slack account is linked to the agent {agent} now. It replaces the account {old}, "
        "which is no agent's any more.",
    ),
    "no_guests": (
        "게스트나 외부 사용자, 봇은 상담원이 될 수 없어요.",
        "Guests, people from other workspaces and bots cannot be agents.",
    ),
    "not_member": (
        "고객에게 전달되지 않았어요. 게스트나 외부 사용자, 봇은 고객에게 답할 수 없어요.",
        "Not delivered: guests, people from other workspaces and bots cannot answer customers.",
    ),
    "not_verified": (
        "고객에게 전달되지 않았어요. Slack에서 계정을 확인하지 못했어요. 잠시 뒤 다시 보내 주세요.",
        "Not delivered: Slack did not tell us who you are. Please send it again in a moment.",
    ),
    "unreachable": (
        "내부 메모로 남겼어요. 이 고객에게 답을 보낼 채널이 아직 없어요. "
        "연락처는 고객 기록에 있어요.",
        "Kept as an internal note: there is no channel to answer this customer on yet. "
        "How to contact them is in their record.",
    ),
    "unknown_thread": (
        "고객에게 전달되지 않았어요. 이 스레드는 접수와 연결되어 있지 않아요. "
        "접수 카드의 새 스레드에 답해 주세요.",
        "Not delivered: this thread belongs to no ticket any more. "
        "Please answer in the thread of the ticket's newer card.",
    ),
    "outside": (
        "고객에게 전달되지 않았어요. 담당 중인 {code}의 스레드에 답해 주세요.",
        "Not delivered: to answer a customer, write in the thread of your ticket {code}.",
    ),
    "claim_first": (
        "내부 메모로 남겼어요. 고객에게 답하려면 먼저 카드의 ‘담당하기’를 누르거나, 이 글을 바로 "
        "보내 주세요.",
        "Kept as an internal note. To answer the customer, press Claim on the card first, or send "
        "this right away.",
    ),
    "refused": (
        "고객에게 전달되지 않았어요. {why}",
        "Not delivered: {why}",
    ),
    "closed": (
        "고객에게 전달되지 않고 내부 메모로 남았어요. 이미 해결된 접수예요.",
        "Not delivered, kept as an internal note: this ticket is resolved.",
    ),
    "files": (
        "전달되지 않은 파일이 있어요.",
        "Not passed on: {files}",
    ),
    "no_text": (
        "글이 없어서 고객에게 전달되지 않았어요.",
        "Not delivered: there were no words in it.",
    ),
    "waits_for_customer": (
        "카카오톡은 먼저 메시지를 보낼 수 없어서, 고객이 다시 쓰거나 ‘답변 확인’을 누를 때 "
        "전달돼요. 고객이 받으면 ✅로 바뀌어요.",
        "KakaoTalk lets nobody write first: the customer gets this when they write again or press "
        "“Check answers”. It turns into ✅ when they have it.",
    ),
    "internal": (
        "내부 메모로 남겼어요. 고객에게는 ‘보내기’를 눌러야 전달돼요.",
        "Kept as an internal note. It reaches the customer when you press Send.",
    ),
    "called": (
        "동료를 부르며 시작해서 내부 메모로 남겼어요. 고객에게는 ‘보내기’를 눌러야 전달돼요.",
        "Kept as an internal note, as it begins by calling a colleague. It reaches the customer "
        "when you press Send.",
    ),
    "no_words_left": (
        "고친 것을 반영하지 않았어요. 남은 글이 없어요. 없애려면 메시지를 삭제해 주세요.",
        "Your edit was not passed on: no words were left. To take the message back, delete it.",
    ),
    "still_sent": (
        "고친 것을 반영하지 않았어요. 이미 고객에게 전달된 메시지라 메모로 바꿀 수 없어요. "
        "없애려면 메시지를 삭제해 주세요.",
        "Your edit was not passed on: the customer has this message already, it cannot become a "
        "note. To take it back, delete it.",
    ),
    "still_note": (
        "메모를 고쳤어요. 여전히 내부 메모라서 고객은 볼 수 없어요. "
        "고객에게 보내려면 새 메시지로 적어 주세요.",
        "The note is changed. It is still an internal note that the customer does not see. "
        "To send it, write it as a new message.",
    ),
    "never_sent": (
        "고친 것을 반영하지 않았어요. 처음 글이 전달되지 않았어요. 새 메시지로 적어 주세요.",
        "Your edit was not passed on: the message itself never was. Please write a new one.",
    ),
    "stays": (
        "고객이 쓰는 채널에서는 이미 받은 메시지를 지울 수 없어요.",
        "The customer's channel cannot take back a message that they have got.",
    ),
    "deleted_late": (
        "고객의 대화에서 지웠어요. 다만 그 뒤에 접수가 해결된 적이 있어서, 고객이 이미 읽고 "
        "나갔을 수 있어요.",
        "Deleted from the customer's chat. The ticket was resolved after it, so they may have "
        "read it and left.",
    ),
    "taken": (
        "{winner} 상담원이 먼저 담당하고 있어요.",
        "{winner} has claimed this ticket already.",
    ),
    "just_wrote": (
        "고객이 방금 글을 썼어요: “{text}” 그래도 해결이면 한 번 더 눌러 주세요.",
        "The customer has just written: “{text}” If it is resolved all the same, press once more.",
    ),
    "yours": ("이미 담당하고 있는 접수예요.", "This ticket is yours already."),
    "done": ("이미 해결된 접수예요.", "This ticket is resolved already."),
    "not_done": ("그렇게 할 수 없어요. {why}", "That is not possible: {why}"),
    "too_late": (
        "창을 열지 못했어요. 버튼을 한 번 더 눌러 주세요.",
        "The window could not be opened in time. Please press once more.",
    ),
    "gone": ("접수를 찾을 수 없어요.", "There is no such ticket any more."),
    "help": (
        "/ticket list 대기 중 · mine 내 접수 · search 찾을 말 · open 접수번호 · link 계정 연결\n"
        "/ticket history [접수번호]: 모든 채널의 대화\n"
        "/reply [접수번호] 답변: 내가 담당하는 고객에게 보내요\n"
        "/note [접수번호] 메모: 고객은 볼 수 없어요\n"
        "/macro [접수번호] 이름: 매크로를 고쳐서 보내요\n"
        "담당 중인 접수가 하나면 접수번호는 없어도 돼요.",
        "/ticket list (those that wait) · mine · search WORDS · open CODE · link (your account)\n"
        "/ticket history [CODE]: what was said on all channels\n"
        "/reply [CODE] WORDS: to the customer of a ticket that you have claimed\n"
        "/note [CODE] WORDS: the customer never sees it\n"
        "/macro [CODE] NAME: a macro, to edit and send\n"
        "With one claimed ticket you can leave the code out.",
    ),
    "no_verb": ("‘/ticket {verb}’ 명령은 없어요.", "There is no “/ticket {verb}”."),
    "search_what": (
        "찾을 말을 적어 주세요: /ticket search 말",
        "Please say what to look for: /ticket search WORDS",
    ),
    "open_which": (
        "접수번호를 적어 주세요: /ticket open 접수번호",
        "Please give the ticket's code: /ticket open CODE",
    ),
    "waiting": ("대기 중인 접수 {count}건", "{count} waiting"),
    "waiting_none": ("대기 중인 접수가 없어요.", "Nothing is waiting."),
    "mine": ("내 접수 {count}건", "{count} of yours"),
    "mine_none": ("담당 중인 접수가 없어요.", "You have no tickets."),
    "found": ("찾은 접수 {count}건", "{count} found"),
    "found_none": ("찾은 접수가 없어요.", "Nothing was found."),
    "more": ("그 밖에 {count}건", "and {count} more"),
    "no_ticket": (
        "접수번호 {code}을(를) 찾을 수 없어요. 아무것도 보내지 않았어요.",
        "There is no ticket {code}. Nothing was sent.",
    ),
    "which_ticket": (
        "어느 접수인지 접수번호를 앞에 적어 주세요: {codes}",
        "Which one? Please put the code first: {codes}",
    ),
    "none_claimed": (
        "담당 중인 접수가 없어요. 접수번호를 앞에 적어 주세요.",
        "You have no claimed ticket. Please put a code first.",
    ),
    "claim_before": (
        "고객에게 전달되지 않았어요. 먼저 {code}을(를) 담당해 주세요.",
        "Not delivered: claim {code} first.",
    ),
    "no_words": ("보낼 글을 적어 주세요.", "There were no words to send."),
    "replied": ("✅ {code} 고객에게 보냈어요.", "✅ Sent to the customer of {code}."),
    "noted": (
        "🔒 {code}에 내부 메모로 남겼어요. 고객은 볼 수 없어요.",
        "🔒 Kept as an internal note of {code}; the customer does not see it.",
    ),
    "macros": (
        "매크로 이름을 적어 주세요: /macro 이름\n매크로: {names}",
        "Please give a macro's name: /macro NAME\nMacros: {names}",
    ),
    "macros_none": (
        "아직 매크로가 없어요. 콘솔의 도구 → 매크로에서 만들 수 있어요.",
        "There are no macros yet. Leads make them in the console, under Tools → Macros.",
    ),
    "macro_late": (
        "창을 열지 못했어요. 한 번 더 입력해 주세요.",
        "The form could not be opened in time. Please give the command once more.",
    ),
    "has_ticket": (
        "이미 접수 {code}의 메시지예요. 이 스레드에서 이어서 답하면 돼요.",
        "This is ticket {code} already. Go on in this thread.",
    ),
    "ticket_opened": (
        "접수 {code}을(를) 열었어요. 곧 채널에 카드가 올라와요.",
        "Ticket {code} is open; its card comes to the channel.",
    ),
    "no_press": (
        "상담원만 접수를 담당하거나 해결할 수 있어요. 관리자에게 사용자 ID {user} 등록을 "
        "요청해 주세요.",
        "Only agents can claim or resolve tickets. Ask your administrator to link the user id "
        "{user}.",
    ),
    "agents_only": (
        "상담원만 쓸 수 있어요. 먼저 이 Slack 계정을 상담원과 연결해 주세요: /ticket link",
        "Only agents can do this. Link this Slack account to an agent first: /ticket link",
    ),
    "not_yours": (
        "이 접수의 담당자가 아니어서 보내지 않았어요.",
        "Not sent: this ticket is not yours any more.",
    ),
    "sent_already": ("이미 보낸 답변이에요.", "This was sent already."),
    "article_gone": (
        "이 문서는 이제 공개되어 있지 않아서 보내지 않았어요.",
        "Not sent: this article is not published any more.",
    ),
    "drafted": (
        "지식 초안 ‘{title}’을(를) 남겼어요. 큐레이터가 확인하면 공개돼요. {page}",
        "The draft “{title}” is kept; curators publish it when they have checked it. {page}",
    ),
}

# Why a file was not passed on.
FILE_REASONS = {
    "elsewhere": "Slack에 저장된 파일이 아니에요 · not stored in Slack",
    "not_fetched": "Slack에서 내려받지 못했어요 · Slack did not let us fetch it",
    "not_accepted": "받을 수 없는 형식이에요 · not a kind of file that is accepted",
    "too_large": "10 MiB보다 커요 · larger than 10 MiB",
    "too_many": "한 번에 5개까지예요 · more than five at a time",
}


# Why something cannot be done, by the reason of the refusal.
WHY = {
    "claimed": (
        "{winner} 상담원이 먼저 담당하고 있어요.",
        "{winner} has claimed this ticket already.",
    ),
    "resolved": (
        "이미 해결된 접수예요. 먼저 다시 열어 주세요.",
        "this ticket is resolved. Reopen it first.",
    ),
    "another_open": (
        "이 고객의 다른 접수 {ticket}이(가) 열려 있어요. 거기에서 이어 주세요.",
        "this customer has another open ticket, {ticket}. Please go on there.",
    ),
    "deleted": ("삭제한 글이에요.", "its words were deleted."),
    "unreachable": (
        "이 고객에게 답을 보낼 채널이 아직 없어요. 메모는 남길 수 있어요.",
        "there is no channel to answer this customer on yet. A note can be kept.",
    ),
    "left": (
        "이제 상담하지 않는 상담원이에요. 다른 사람을 골라 주세요.",
        "they do not answer customers any more. Please choose somebody else.",
    ),
    "not_then": (
        "앞으로 60일 안의 시각을 골라 주세요.",
        "please choose a time within the next 60 days.",
    ),
    "not_one": (
        "그사이에 고객 기록이 바뀌었어요. 고객을 다시 골라 주세요.",
        "the customers have changed meanwhile. Please choose once more.",
    ),
}
