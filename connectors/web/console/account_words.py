"""What the console says about getting in: login, first link, password."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "login": ("로그인", "Sign in"),
    "login.lead": ("상담 콘솔에 로그인하세요.", "Sign in to the console."),
    "login.ended": (
        "로그인이 끝났어요. 8시간 동안 쓰지 않으면 로그아웃돼요. "
        "다시 로그인하면 보던 화면으로 가요.",
        "Your session has ended, as it does after eight hours without use. "
        "Sign in to go on where you were.",
    ),
    "login.name": ("이름", "Name"),
    "login.password": ("비밀번호", "Password"),
    "login.wrong": ("이름이나 비밀번호가 맞지 않아요.", "That name and password do not match."),
    "login.stale": (
        "화면이 오래되어 로그인하지 못했어요. 한 번 더 로그인해 주세요.",
        "This page was out of date, so you are not signed in. Please sign in once more.",
    ),
    "login.other": (
        "다른 탭에서 {who} 님으로 로그인했어요. 다른 사람으로 바꾸려면 한 번 더 로그인해 주세요.",
        "Another tab is signed in as {who}. To be somebody else, sign in once more.",
    ),
    "login.lost": (
        "비밀번호를 잊었다면 관리자에게 새 로그인 링크를 받으세요. "
        "터미널에서 sangdam agent link로 만들 수 있어요.",
        "Forgot it? Ask an administrator for a new login link. "
        "They make one with sangdam agent link.",
    ),
    "login.too_many": (
        "로그인에 여러 번 실패했어요. {minutes}분 뒤에 다시 해 주세요.",
        "Too many failed attempts. Try again in {minutes} min.",
    ),
    "welcome": ("{name} 님, 반가워요", "Welcome, {name}"),
    "welcome.lead": (
        "앞으로 로그인할 때 쓸 비밀번호를 정하세요. 이 링크는 한 번만 쓸 수 있어요.",
        "Choose the password you will sign in with. This link works once.",
    ),
    "welcome.name": (
        "이 이름으로 로그인하고, 고객에게도 이 이름이 보여요.",
        "You sign in with this name, and customers see it.",
    ),
    "welcome.start": ("시작하기", "Get started"),
    "welcome.used": (
        "이 링크는 이미 사용되었거나 만료되었어요. 관리자에게 새 링크를 받으세요.",
        "This link was used already or is too old. Ask an administrator for a new one.",
    ),
    "password.rule": ("10자 이상", "At least 10 characters"),
    "password.bad": (
        "비밀번호는 10자에서 200자 사이로 정해 주세요.",
        "A password has 10 to 200 characters.",
    ),
    "password.again": ("비밀번호 한 번 더", "Password once more"),
    "password.differs": ("두 비밀번호가 서로 달라요.", "The two passwords differ."),
    "password.change": ("비밀번호 바꾸기", "Change password"),
    "password.now": ("지금 비밀번호", "Current password"),
    "password.new": ("새 비밀번호", "New password"),
    "password.wrong": ("지금 비밀번호가 맞지 않아요.", "The current password is not right."),
    "password.others": (
        "바꾸면 다른 기기에서는 모두 로그아웃돼요.",
        "Changing it signs you out on all other devices.",
    ),
}
