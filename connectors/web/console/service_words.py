"""What the console says of business hours, service levels, teams and duty."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "nav.service": ("상담 운영", "Service"),
    "service": ("상담 운영", "Service"),
    "service.lead": (
        "언제 상담하는지, 얼마 안에 답하는지, 문의를 누가 먼저 받는지 정해요. "
        "바꾸면 열려 있는 문의에도 바로 적용돼요.",
        "When you answer, how fast, and who gets a ticket first. "
        "Changes take effect right away, for open tickets too.",
    ),
    "service.first": ("상담팀", "Support"),
    "service.hours": ("상담 시간", "Business hours"),
    "service.none": (
        "아직 정하지 않았어요. 지금은 언제나 상담하는 것으로 보고, "
        "고객에게 시간을 약속하지 않아요.",
        "Not set yet. Until then you’re treated as always open, and customers aren’t told when "
        "to expect a reply.",
    ),
    "service.new": ("팀 추가", "Add a team"),
    "service.new.first": ("상담 시간 정하기", "Set business hours"),
    "service.name": ("팀 이름", "Team"),
    "service.zone": ("시간대", "Time zone"),
    "service.country": ("공휴일(나라)", "Public holidays of"),
    "service.country.none": ("쉬지 않음", "We work on them"),
    "service.locale": ("맡는 문의", "Takes tickets in"),
    "service.locale.all": ("모든 언어", "any language"),
    "service.spans": ("요일별 시간", "Hours"),
    "service.spans.hint": (
        "예: 09:00-12:00, 13:00-18:00 · 자정을 넘으면 22:00-02:00 · 비워 두면 쉬는 날",
        "Such as 09:00-12:00, 13:00-18:00; past midnight 22:00-02:00; empty means closed",
    ),
    "weekday.0": ("월", "Mon"),
    "weekday.1": ("화", "Tue"),
    "weekday.2": ("수", "Wed"),
    "weekday.3": ("목", "Thu"),
    "weekday.4": ("금", "Fri"),
    "weekday.5": ("토", "Sat"),
    "weekday.6": ("일", "Sun"),
    "service.off": ("쉬는 날", "Further days off"),
    "service.off.hint": ("한 줄에 하나씩, 예: 2026-12-31", "One a line, such as 2026-12-31"),
    "service.holidays": ("다가오는 공휴일", "Next public holidays"),
    "service.pickup": ("담당자 기다리기(분)", "Wait for somebody (min)"),
    "service.pickup.hint": (
        "이만큼 지나면 채널에 다시 알리고, 두 배가 지나면 팀 리더와 고객에게 알려요.",
        "After that the channel is reminded; after twice as long a lead and the customer are told.",
    ),
    "service.silent": ("말 없는 담당자(분)", "Silent agent (min)"),
    "service.silent.hint": (
        "고객이 기다리는데 이만큼 답이 없으면 다시 모두의 문의가 돼요. 0이면 그대로 둬요.",
        "A ticket whose customer waits that long is everybody’s again. 0: never.",
    ),
    "service.routing": ("문의 나누기", "Routing"),
    "service.routing.off": ("하지 않음", "Off"),
    "service.routing.offer": ("먼저 제안하기(누구나 담당 가능)", "Offer to one, anybody may claim"),
    "service.routing.assign": ("자동 배정", "Assign automatically"),
    "service.save": ("저장", "Save"),
    "service.remove": ("팀 없애기", "Remove the team"),
    "service.open": ("지금 상담 중", "Open now"),
    "service.closed": ("지금은 쉬는 시간 · {time}에 열려요", "Closed · opens {time}"),
    "service.never": ("열리는 날이 없어요", "Never open"),
    "service.always": ("언제나 상담 중", "Always open"),
    "service.goals": ("응대 목표", "Service levels"),
    "service.goals.say": (
        "상담 시간으로 잰 분이에요. 고객의 답을 기다리는 동안과 미뤄 둔 동안 해결 시간은 멈춰요.",
        "In minutes of business hours. The resolution clock pauses while you wait for the "
        "customer and while a ticket is snoozed.",
    ),
    "service.goal.first": ("첫 답변", "First answer"),
    "service.goal.next": ("다음 답변", "Next answer"),
    "service.goal.resolution": ("해결", "Resolution"),
    "service.value": ("구매액에 따라", "By value"),
    "service.value.say": (
        "이만큼 이상 구매한 고객의 새 문의는 더 높은 우선순위에서 시작해요. 환불한 금액은 빼요. "
        "비워 두면 구매액을 보지 않아요.",
        "New tickets of customers who have bought for this much, refunds taken off, begin with a "
        "higher priority. Leave it empty, and value decides nothing.",
    ),
    "service.value.amount": ("구매액", "Bought for at least"),
    "service.value.currency": ("통화", "Currency"),
    "error.value": (
        "금액은 1,000,000처럼, 통화는 KRW처럼 적어 주세요.",
        "Write an amount such as 1000.00, and a currency such as USD.",
    ),
    "service.tier": ("고객 등급", "Tier"),
    "service.tier.new": ("등급별 목표 추가", "Add goals for a tier"),
    "service.tier.remove": ("없애기", "Remove"),
    "service.people": ("상담원", "Agents"),
    "service.people.say": (
        "근무 중인 사람에게만 제안해요. "
        "고객의 전담 상담원, 주제, 언어, 맡은 문의 수 순서로 골라요. "
        "문의를 맡거나 답하면 근무 중이 되고, ‘자리 비움’을 고른 사람은 그대로예요.",
        "Only those on duty are asked: the customer’s own agent first, then by topic, language "
        "and how many tickets they have. Claiming or answering a ticket puts somebody on duty, "
        "unless they have set themselves to Away.",
    ),
    "service.topics": ("담당 주제", "Topics"),
    "service.topics.hint": ("쉼표로 구분, 예: 환불, 배송", "Comma-separated, such as refund"),
    "service.languages": ("언어", "Languages"),
    "service.present": ("근무 중", "On duty"),
    "service.absent": ("자리 비움", "Away"),
    "duty": ("근무 상태", "Duty"),
    "duty.on": ("근무 중", "On duty"),
    "duty.off": ("자리 비움", "Away"),
    "duty.auto": ("Slack 따라", "As in Slack"),
    "said.duty.on": ("근무 중이에요. 문의를 먼저 제안받아요.", "You are on duty."),
    "said.duty.off": ("자리를 비웠어요. 문의를 제안받지 않아요.", "You are away."),
    "said.duty.auto": ("Slack에 보이는 상태를 따라요.", "Your status follows Slack."),
    "said.service": ("저장했어요.", "Saved."),
    "error.hours": (
        "{day}요일 상담 시간을 09:00-12:00, 13:00-18:00처럼 겹치지 않게 적어 주세요.",
        "{day}: write hours such as 09:00-12:00, 13:00-18:00, none twice.",
    ),
    "error.days_off": (
        "쉬는 날을 2026-12-31처럼 적어 주세요.",
        "Write days off such as 2026-12-31.",
    ),
    "error.team": (
        "이름, 시간대, 분 단위 숫자와 겹치는 시간을 확인해 주세요.",
        "Check the name, the time zone, the minutes, and hours that begin twice.",
    ),
    "error.goals": ("목표는 1분에서 100,000분까지예요.", "A goal is 1 to 100,000 minutes."),
    "error.skills": ("주제는 40자까지, 20개까지예요.", "At most 20 topics of 40 characters."),
    # badges
    "promise.first": ("첫 답변", "First answer"),
    "promise.next": ("답변", "Answer"),
    "promise.resolution": ("해결", "Resolution"),
    "promise.broken": ("{kind} {time} 지남", "{kind} {time} late"),
    "promise.warned": ("{kind} {time} 남음", "{kind} in {time}"),
    "promise.due": ("{kind} {when}까지", "{kind} by {when}"),
    "offered.me": ("나에게 제안됨", "Offered to you"),
    "offered.to": ("{name} 님에게 먼저 제안됨", "Offered to {name} first"),
    "why.owner": ("이 고객의 전담 상담원", "the customer’s own agent"),
    "why.topic": ("담당 주제", "takes this topic"),
    "why.language": ("고객의 언어로 상담", "speaks the customer’s language"),
    "why.load": ("맡은 문의가 가장 적음", "has the fewest tickets"),
    "contact.typed": ("남긴 연락처", "Left by them"),
    "contact.unverified": ("확인되지 않음", "not verified"),
    "work.ticket.look": ("문의 시간 확인", "Check of a ticket's times"),
    "work.ticket.refit": ("바뀐 목표 적용", "Other goals for a ticket"),
    "work.ticket.route": ("문의 나누기", "Routing"),
}  # fmt: skip
