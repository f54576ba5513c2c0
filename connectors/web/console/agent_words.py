"""What the console says of agents: who works here, and what lets them in."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "nav.agents": ("상담원", "Agents"),
    "agents": ("상담원", "Agents"),
    "agents.lead": (
        "함께 일하는 사람을 초대하고, 역할을 바꾸고, 그만둔 사람의 접근을 막아요.",
        "Invite people, change what they may do, and shut out those who have left.",
    ),
    "agents.new": ("상담원 초대", "Invite an agent"),
    "agents.name": ("고객에게 보이는 이름", "Name that customers see"),
    "agents.role": ("역할", "Role"),
    "agents.role.hint": (
        "상담원은 문의에 답해요. 팀 리더는 도움말·상담 운영·지표도 다뤄요. "
        "관리자는 상담원도 관리해요.",
        "Agents answer tickets. Leads also look after articles, service and figures. "
        "Administrators also manage agents.",
    ),
    "agents.invite": ("초대 링크 만들기", "Make an invitation link"),
    "agents.made": (
        "{name} 님에게 이 링크를 전해 주세요. 한 번, 24시간 안에 열어 비밀번호를 정할 수 있어요. "
        "다시 보이지 않아요.",
        "Give this link to {name}. It opens once, within 24 hours, to set a password. "
        "It is not shown again.",
    ),
    "agents.link": ("로그인 링크", "Login link"),
    "agents.copy": ("복사", "Copy"),
    "agents.copied": ("복사했어요", "Copied"),
    "agents.held": ("문의 {n}건", "Tickets: {n}"),
    "agents.owned": ("전담 고객 {n}명", "Customers of their own: {n}"),
    "agents.slack": ("Slack 연결됨", "Linked to Slack"),
    "agents.fresh": ("아직 로그인하지 않음", "Has not logged in yet"),
    "agents.you": ("나", "You"),
    "agents.save": ("저장", "Save"),
    "agents.again": ("새 로그인 링크", "New login link"),
    "agents.again.hint": (
        "비밀번호를 잊었을 때 보내 주세요. 지금 비밀번호는 링크를 쓸 때까지 그대로예요.",
        "For a forgotten password. The old one holds until the link is used.",
    ),
    "agents.tokens": ("API 토큰 {n}개", "API tokens: {n}"),
    "agents.tokens.of": ("{name} 님의 API 토큰", "API tokens of {name}"),
    "agents.token.unnamed": ("이름 없는 토큰", "Unnamed token"),
    "agents.token.made": ("{day} 만듦", "made {day}"),
    "agents.token.used": ("{ago} 사용", "used {ago}"),
    "agents.token.unused": ("사용 기록 없음", "no use known"),
    "agents.token.expires": ("{day} 만료", "expires {day}"),
    "agents.token.expired": ("{day} 만료됨", "expired {day}"),
    "agents.token.revoke": ("폐기", "Revoke"),
    "agents.token.revoke.of": ("{label} 폐기", "Revoke {label}"),
    "agents.tokens.revoke": ("API 토큰 모두 폐기", "Revoke all API tokens"),
    "agents.leave": ("그만둠 처리", "Has left"),
    "agents.leave.say": (
        "바로 로그아웃되고, API 토큰과 Slack 연결이 끊겨요. 맡은 문의 {n}건은 다시 모두의 문의가 "
        "되고 고객에게 알려요. 지금까지 한 말과 평가는 그대로 남아요.",
        "They are signed out at once, and lose API tokens and Slack. Their tickets ({n}) are "
        "anybody's again, and the customers are told. What they said, and their ratings, stay.",
    ),
    "agents.leave.sure": ("{name} 님 그만둠 처리", "{name} has left"),
    "agents.gone": ("그만둔 상담원", "Agents who left"),
    "agents.return": ("다시 일해요", "Works here again"),
    "agents.changes": ("바뀐 것", "Changes"),
    "agents.changed.role": ("{name}: {old} → {new}", "{name}: {old} → {new}"),
    "agents.changed.name": ("{old} → {new}", "{old} → {new}"),
    "agents.changed.left": ("{name} 님이 그만두었어요", "{name} has left"),
    "agents.changed.returned": ("{name} 님이 다시 일해요", "{name} works here again"),
    "agents.changed.token": ("{name}: API 토큰 {new} 만듦", "{name}: API token {new} made"),
    "agents.changed.revoked": ("{name}: API 토큰 {old} 폐기", "{name}: API token {old} revoked"),
    "said.agent": ("저장했어요. 바로 적용돼요.", "Saved. It takes effect right away."),
    "said.agent.left": ("그만둠으로 처리했어요.", "They have left."),
    "said.agent.token_revoked": ("API 토큰을 폐기했어요.", "The API token is revoked."),
    "said.agent.revoked": ("API 토큰을 폐기했어요.", "The API tokens are revoked."),
    "error.agent.name": (
        "이름은 줄바꿈 없이 1–80자예요.",
        "A name has 1 to 80 characters, without line breaks.",
    ),
    "error.agent.here": (
        "같은 이름의 상담원이 있어요. 고객이 알아볼 수 있게 다른 이름을 적어 주세요.",
        "There is an agent of this name. Choose another, so that customers can tell them apart.",
    ),
    "error.agent.taken": (
        "같은 이름의 상담원이 있어요. 그만둔 사람이라면 아래에서 다시 부를 수 있어요.",
        "There is an agent of this name. If they left, bring them back below.",
    ),
    "error.agent.last_admin": (
        "관리자가 한 명은 있어야 해요. 다른 사람을 먼저 관리자로 정해 주세요.",
        "Somebody has to be administrator. Make somebody else one first.",
    ),
    "error.agent.admin": (
        "관리자만 상담원을 관리할 수 있어요.",
        "Only administrators manage agents.",
    ),
}
