"""What the console says of surveys."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "surveys": ("설문", "Surveys"),
    "surveys.lead": (
        "최근 {n}일 동안 물은 것과 들은 것이에요.",
        "Asked and heard in the last {n} days.",
    ),
    "survey.kind.agent": ("상담 만족도", "After a person"),
    "survey.kind.bot": ("챗봇 답변 만족도", "After the bot"),
    "survey.kind.nps": ("추천 의향", "Recommendation"),
    "survey.asked": ("물음 {asked} · 응답 {answered}", "{asked} asked · {answered} answered"),
    "survey.satisfied": ("4점 이상 {n}%", "{n}% rated 4 or 5"),
    "survey.none": ("아직 응답이 없어요.", "No answers yet."),
    "survey.unasked": ("보내지 않은 설문", "Surveys that were not sent"),
    "survey.unasked.none": ("없어요.", "None."),
    "survey.skip.declined": ("고객이 받지 않겠다고 했어요", "the customer does not want any"),
    "survey.skip.ticket": ("열린 문의가 있어요", "a ticket is open"),
    "survey.skip.rejected": ("방금 답변을 거절했어요", "the answer was just turned down"),
    "survey.skip.quiet": ("얼마 전에 물었어요", "they were asked not long ago"),
    "survey.skip.sample": ("이번에는 뽑히지 않았어요", "not in the sample"),
    "survey.skip.late": ("물을 때가 지났어요", "it was too late to ask"),
    "survey.ticket": ("만족도 설문", "Survey"),
    "survey.waits": ("보냈고 답을 기다려요", "Sent, not answered yet"),
    "survey.skipped": ("보내지 않음: {why}", "Not sent: {why}"),
    "nps": ("추천 의향", "Would recommend"),
    "nps.of": ("10점 만점에 {score}점", "{score} of 10"),
    "nps.promoter": ("추천", "Promoter"),
    "nps.passive": ("중립", "Passive"),
    "nps.detractor": ("비추천", "Detractor"),
    "nps.formula": (
        "추천(9–10점) {p}% − 비추천(0–6점) {d}% = {score}",
        "promoters (9–10) {p}% − detractors (0–6) {d}% = {score}",
    ),
    "nps.counts": (
        "추천 {promoters} · 중립 {passives} · 비추천 {detractors}",
        "{promoters} promoters · {passives} passives · {detractors} detractors",
    ),
    "survey.rules": ("누구에게 물을까요?", "Who is asked?"),
    "survey.rules.agent": (
        "상담원이 문의를 해결한 뒤 바로 물어요.",
        "Right after a person has resolved a ticket.",
    ),
    "survey.rules.bot": (
        "챗봇 답변이 도움이 됐다고 했거나 10분 동안 말이 없으면 물어요. "
        "쉬는 날은 모든 설문 뒤에 지켜요.",
        "When the bot’s answer helped, or after ten silent minutes. Quiet after any survey.",
    ),
    "survey.rules.nps": (
        "첫 문의가 해결되고 30일 뒤, 그리고 세 번째 주문 뒤에 낮 시간에 물어요.",
        "By day, 30 days after the first resolved ticket and after the third order.",
    ),
    "survey.sample": ("묻는 비율(%)", "Sample (%)"),
    "survey.quiet_days": ("쉬는 날(일)", "Quiet (days)"),
    "survey.set": ("저장", "Save"),
    "survey.said": ("설문 규칙을 바꿨어요.", "The rule is changed."),
    "record.sample": ("묻는 비율", "Sample"),
    "record.quiet_days": ("쉬는 날", "Quiet days"),
}
