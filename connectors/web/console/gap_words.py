"""What the console says about gaps, saved questions, and how articles do."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "shelf.articles": ("문서", "Articles"),
    "shelf.gaps": ("빈틈", "Gaps"),
    "shelf.saved": ("점검 질문", "Saved questions"),
    "shelf.try": ("물어보기", "Try it"),
    "degraded": (
        "지금은 뜻을 비교하지 못하고 낱말로만 찾아요. 답이 평소보다 덜 정확할 수 있어요.",
        "Meanings cannot be compared now, only words. Answers may be worse than usual.",
    ),
    "gaps": ("빈틈", "Gaps"),
    "gaps.lead": (
        "챗봇이 답하지 못한 질문이에요. 같은 뜻끼리 모았어요.",
        "Questions the bot couldn’t answer, grouped by meaning.",
    ),
    "gaps.open": ("작성할 문서", "To write"),
    "gaps.drafted": ("초안 있음", "Drafted"),
    "gaps.answered": ("답함", "Answered"),
    "gaps.dismissed": ("치워 둠", "Dismissed"),
    "gaps.searched": ("도움말에서 못 찾음", "Not found in the help centre"),
    "searched.lead": (
        "도움말 센터에서 검색했지만 아무것도 나오지 않은 말이에요. 최근 90일을 보고, "
        "누가 검색했는지는 남기지 않아요.",
        "What people searched for in the help centre and did not find, of the last 90 days. "
        "Who it was is not kept.",
    ),
    "searched.times": ("{n}번 검색", "Searched for {n} times"),
    "searched.times.one": ("{n}번 검색", "Searched for {n} time"),
    "searched.last": ("마지막 검색 {day}", "Last on {day}"),
    "searched.write": ("문서 쓰기", "Write an article"),
    "searched.empty": (
        "찾지 못한 말이 생기면 저절로 모여요. 그사이 문서가 생긴 말은 빼요.",
        "What is searched for in vain gathers here by itself, until an article is found with it.",
    ),
    "gaps.size": ("많이 물은 순", "Most asked"),
    "gaps.recent": ("최근 순", "Newest"),
    "gaps.empty": ("여기는 비어 있어요", "Nothing here"),
    "gaps.empty.open": (
        "답하지 못한 질문이 생기면 저절로 모여요.",
        "Questions without an answer gather here by themselves.",
    ),
    "gaps.empty.drafted": (
        "초안을 만들면 게시할 때까지 여기 있어요.",
        "What has a draft is here until that is published.",
    ),
    "gaps.empty.answered": (
        "초안을 게시하거나, 있는 문서에 질문을 더하고 게시하면 여기로 와요. 또 물으면 ‘작성할 "
        "문서’로 돌아가요.",
        "What a published article answers comes here, and goes back when it is asked again.",
    ),
    "gaps.empty.dismissed": (
        "문서를 쓰지 않기로 한 질문을 치워 두면 여기 있어요. 또 물어도 여기에 모여요.",
        "What nobody needs to write about is here, also when it is asked again.",
    ),
    "gaps.times": ("{n}번", "Asked {n} times"),
    "gaps.times.one": ("{n}번", "Asked {n} time"),
    "gaps.customers": ("고객 {n}명", "{n} customers"),
    "gaps.customers.one": ("고객 {n}명", "{n} customer"),
    "gaps.sorting": ("새 질문을 모으고 있어요…", "New questions are being sorted…"),
    "gap.left": ("고르지 않고 떠남 {n}", "{n} left without choosing"),
    "gap.unknown": ("답을 모름 {n}", "{n} not known"),
    "gap.rejected": ("아니라고 함 {n}", "{n} turned down"),
    "gap.hand_off": ("상담원에게 {n}", "{n} to a person"),
    "gap.solved": ("상담원이 해결 {n}", "{n} solved by a person"),
    "gap.kind.left": ("고르지 않고 떠남", "Left without choosing"),
    "gap.kind.unknown": ("답을 모름", "Not known"),
    "gap.kind.rejected": ("아니라고 함", "Turned down"),
    "gap.kind.hand_off": ("상담원에게", "To a person"),
    "gap.kind.solved": ("상담원이 해결", "Solved by a person"),
    "gap.told": ("기다리던 고객에게 답함", "Answered while waiting"),
    "gap.examples": ("이렇게 물었어요", "How it was asked"),
    "gap.answers": ("상담원은 이렇게 답했어요", "What people answered"),
    "gap.answers.none": ("아직 아무도 답하지 않았어요.", "Nobody has answered it yet."),
    "gap.draft": ("초안 만들기", "Make a draft"),
    "gap.draft.say": (
        "제목과 질문은 고객의 말에서, 본문은 상담원의 답에서 가져와요. "
        "전화번호 같은 개인정보는 빼지만, 게시하기 전에 꼭 읽어 주세요.",
        "Title and questions come from the customers’ words, the body from a person’s answer. "
        "Telephone numbers and the like are taken out; read it all the same before publishing.",
    ),
    "gap.fits": (
        "이미 있는 문서로 답할 수 있으면 질문 옆 ‘물어보기’에서 그 문서에 이 질문들을 더하고 "
        "게시하세요. 그러면 이 빈틈도 채워져요.",
        "If there is an article that answers it, add these questions to it from “Try it” beside "
        "one of them, and publish: that answers this gap, too.",
    ),
    "gap.open_draft": ("초안 열기", "Open the draft"),
    "gap.open_article": ("문서 열기", "Open the article"),
    "gap.dismiss": ("치워 두기", "Dismiss"),
    "gap.reopen": ("다시 꺼내기", "Bring back"),
    "gap.merge": ("다른 빈틈과 합치기", "Merge with another"),
    "gap.merge.say": (
        "질문과 상담원의 답이 한곳에 모이고, 비슷한 새 질문도 그리로 가요. "
        "초안이 있으면 질문이 거기에 더해져요. 언제든 다시 나눌 수 있어요.",
        "Questions and answers come together, and new ones like either are counted there. "
        "A draft gets the questions, too. They can be taken apart again at any time.",
    ),
    "gap.merge.find": ("빈틈 찾기", "Find a gap"),
    "gap.merge.which": ("합칠 빈틈, 비슷한 것부터", "Gap to merge with, the nearest first"),
    "gap.merge.none": ("합칠 수 있는 다른 빈틈이 없어요.", "There is no other gap to merge with."),
    "gap.merge.missing": ("그런 빈틈이 없어요.", "There is no such gap."),
    "gap.merge.do": ("합치기", "Merge"),
    "gap.parts": ("합친 빈틈", "Merged into this one"),
    "gap.part.by": ("{name} 님이 합침", "Merged by {name}"),
    "gap.separate": ("다시 나누기", "Take apart"),
    "gap.joined": (
        "이 빈틈은 다른 빈틈과 합쳐졌어요. 아래는 합친 것이에요:",
        "This gap was merged with another. This is both together:",
    ),
    "gap.out": ("여기 질문이 아니에요", "Doesn’t belong here"),
    "gap.out.say": (
        "따로 떼어 새 빈틈으로 둬요. 똑같이 물은 것도 함께 가요.",
        "It becomes a gap of its own, with whatever was asked in the same words.",
    ),
    "gap.out.draft": ("여기 초안에서도 빠져요.", "It goes out of the draft here, too."),
    "gap.out.do": ("떼어 내기", "Take it out"),
    "said.gaps_merged": ("합쳤어요.", "Merged."),
    "said.gaps_separate": ("다시 나눴어요.", "Taken apart."),
    "said.question_out": ("새 빈틈으로 떼어 놓았어요.", "It is a gap of its own now."),
    "gap.see": ("대화 보기", "See the conversation"),
    "gap.first": ("처음 {day}", "First {day}"),
    "gap.by": ("{name} 님, {day}", "{name}, {day}"),
    "said.dismissed": ("치워 두었어요.", "Dismissed."),
    "said.brought_back": ("다시 꺼냈어요.", "It is back on the list."),
    "article.from.gap": ("빈틈에서", "From a gap"),
    "error.to_write": (
        "아직 답을 쓰지 않았어요. 본문을 고친 뒤에 게시해 주세요.",
        "The answer is not written yet. Change the body, then publish.",
    ),
    "error.placeholder": (
        "개인정보를 뺀 자리({place})가 남아 있어요. 알맞은 말로 바꾼 뒤에 게시해 주세요.",
        "{place} still stands where personal data was. Put what belongs there, then publish.",
    ),
    # trying a question
    "try.seen": ("고객에게는 이렇게 보여요", "What the customer sees"),
    "try.away": (
        "챗봇이 지금 답하지 않아요. 고객은 상담원에게 연결돼요.",
        "The bot does not answer now. The customer would get a person.",
    ),
    "try.more": ("더 보기", "Read more"),
    "try.heard": ("이렇게 알아듣고 찾았어요:", "Taken for:"),
    "try.change": (
        "답하게 하려면 맞는 문서에 이 질문을 더하고 게시하세요.",
        "To have it answered, add this question to the article that fits, and publish it.",
    ),
    "try.change.none": (
        "비슷한 문서가 없어요. 새 문서를 써 주세요.",
        "No article is like it: write a new one.",
    ),
    "try.write": ("이 질문으로 새 문서 쓰기", "Write an article for it"),
    "try.hand_off": ("상담원에게 연결해요", "Hands over to a person"),
    "try.say": ("문서 없이 스스로 말해요", "Says this by itself, without an article"),
    "try.alone": ("문서만 보면: {outcome}", "From the articles alone: {outcome}"),
    "try.add": ("이 문서에 질문 더하기", "Add as a question of this"),
    "try.add.gap": (
        "이 문서에 빈틈의 질문 {n}개 더하기",
        "Add all {n} questions of the gap to this",
    ),
    "try.add.ko": ("이 질문으로 한국어 글 쓰기", "Write it in Korean, with this question"),
    "try.add.en": ("이 질문으로 영어 글 쓰기", "Write it in English, with this question"),
    "try.keep": ("이 문서를 찾아야 한다고 저장", "Save: must find this"),
    "try.keep.none": ("답하면 안 되는 질문으로 저장", "Save: nothing answers this"),
    "try.nearest": ("가장 비슷한 말", "Nearest"),
    "try.words": ("말 {n}%", "words {n}%"),
    "try.meaning": ("뜻 {n}%", "meaning {n}%"),
    "try.place.title": ("제목", "title"),
    "try.place.question": ("질문", "question"),
    "try.place.body": ("본문", "text"),
    "try.place.none": ("이 문서에 없는 말", "Not in this article"),
    # saved questions
    "saved": ("점검 질문", "Saved questions"),
    "saved.lead": (
        "어떤 문서를 고쳐도 이 질문들은 제 답을 찾아야 해요. 게시하기 전에 저절로 확인해요.",
        "Whatever is changed, these have to find their article. "
        "They are asked before anything is published.",
    ),
    "saved.run": ("지금 확인하기", "Ask them now"),
    "saved.ran": (
        "{n}개 가운데 {good}개가 제 답을 찾아요 · {time}",
        "{good} of {n} find their answer · {time}",
    ),
    "saved.count": ("질문 {n}개", "{n} questions"),
    "saved.count.one": ("질문 {n}개", "{n} question"),
    "saved.empty": ("점검 질문이 없어요", "No saved questions"),
    "saved.empty.say": (
        "‘물어보기’에서 질문을 저장하면 여기에 모여요.",
        "Save questions from “Try it”, and they are here.",
    ),
    "saved.nothing": ("답하면 안 되는 질문", "Nothing answers this"),
    "saved.answered": ("찾음", "Found"),
    "saved.offered": ("고를 수 있음", "Among the choices"),
    "saved.missed": ("못 찾음", "Missed"),
    "saved.nothing.answered": ("답하지 않음", "No answer"),
    "saved.nothing.missed": ("답함", "Gets an answer"),
    "saved.remove": ("지우기", "Remove"),
    "saved.remove.say": (
        "지우면 게시할 때 이 질문을 더는 확인하지 않아요.",
        "Publishing will no longer check this question.",
    ),
    "said.question_saved": ("점검 질문으로 저장했어요.", "Saved."),
    "said.question_removed": ("지웠어요.", "Removed."),
    "saved.by": ("{name} 님", "{name}"),
    "saved.add": ("저장", "Save"),
    "saved.gets": ("지금 답: {title}", "Now: {title}"),
    "saved.gets.none": ("지금 답: 모른다고 해요", "Now: says it does not know"),
    "saved.breaks": (
        "게시하면 점검 질문 {n}개의 답이 나빠져요.",
        "If you publish this, {n} saved questions do worse.",
    ),
    "saved.breaks.one": (
        "게시하면 점검 질문 {n}개의 답이 나빠져요.",
        "If you publish this, {n} saved question does worse.",
    ),
    "saved.breaks.then": ("게시하면", "If published"),
    "saved.breaks.anyway": ("그래도 게시", "Publish anyway"),
    "saved.loses": (
        "내리면 점검 질문 {n}개의 답이 나빠져요.",
        "If you retire this, {n} saved questions do worse.",
    ),
    "saved.loses.one": (
        "내리면 점검 질문 {n}개의 답이 나빠져요.",
        "If you retire this, {n} saved question does worse.",
    ),
    "saved.loses.then": ("내리면", "If retired"),
    "saved.loses.anyway": ("그래도 내리기", "Retire anyway"),
    "saved.breaks.see": (
        "무엇이 달라지는지 보고 정하세요.",
        "See what changes, then decide.",
    ),
    "import.breaks": (
        "가져와서 게시하면 점검 질문 {n}개의 답이 나빠져요.",
        "If you import and publish this, {n} saved questions do worse.",
    ),
    "import.breaks.one": (
        "가져와서 게시하면 점검 질문 {n}개의 답이 나빠져요.",
        "If you import and publish this, {n} saved question does worse.",
    ),
    "saved.before": ("지금", "Now"),
}
