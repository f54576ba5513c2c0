"""What the console says of articles' reviews, revisions, pictures and imports."""

from __future__ import annotations

import re

# key: (Korean, English)
WORDS: dict[str, tuple[str, str]] = {
    "article.review": ("검토 대기", "In review"),
    "articles.sample": (
        "예시 상점의 문서 {n}개로 고객에게 답하고 있어요. 내 글을 쓰기 시작하면 그 가져오기를 "
        "취소하세요.",
        "Customers are answered from {n} articles of the sample shop. Undo their import when you "
        "begin with your own.",
    ),
    "articles.sample.see": ("가져오기 보기", "See the import"),
    "articles.to_review": ("문서 {n}개가 검토를 기다려요", "{n} articles wait for a review"),
    "articles.to_review.one": ("문서 {n}개가 검토를 기다려요", "{n} article waits for a review"),
    "articles.sent_back": (
        "검토를 요청한 문서 {n}개를 돌려받았어요",
        "{n} articles that you asked a review of were sent back",
    ),
    "articles.sent_back.one": (
        "검토를 요청한 문서 {n}개를 돌려받았어요",
        "{n} article that you asked a review of was sent back",
    ),
    "article.back": ("돌려보냄", "Sent back"),
    "article.review.ask": ("검토 요청", "Ask for review"),
    "article.review.approve": ("승인하고 게시", "Approve and publish"),
    "article.review.back": ("돌려보내기", "Send back"),
    "article.review.back.say": (
        "쓴 사람이 이 문서를 열면 이 말이 보여요.",
        "Whoever wrote it sees this above the article.",
    ),
    "article.discard": ("초안 버리기", "Discard"),
    "article.discard.say": (
        "고객이 본 적 없는 글이라 이력까지 아주 지워져요. 되돌릴 수 없어요.",
        "No customer has seen it. It is deleted with its history, and cannot be brought back.",
    ),
    "article.move": ("주소 바꾸기", "Change address"),
    "article.move.say": (
        "게시하기 전까지 바꿀 수 있어요. 두 언어의 주소가 함께 바뀌어요.",
        "Until it is published. Both languages have the same.",
    ),
    "article.moved": ("주소를 바꿨어요.", "The address has changed."),
    "article.review.note": ("무엇을 고치면 될까요?", "What should be changed?"),
    "article.review.by": (
        "게시는 관리자나 팀 리더가 해요. 다 쓰면 검토를 요청하세요.",
        "Administrators and leads publish. Ask for a review when you are done.",
    ),
    "article.state": ("상태", "State"),
    "pages": ("쪽", "Pages"),
    "pages.before": ("이전", "Previous"),
    "pages.after": ("다음", "Next"),
    "pages.at": ("{all}쪽 중 {n}쪽", "Page {n} of {all}"),
    "article.outdated": ("오래됨", "Out of date"),
    "article.outdated.say": (
        "{other} 글이 바뀐 뒤로 이 글은 그대로예요. 나란히 보고 맞춰 주세요.",
        "The {other} version changed and this one did not. Compare and bring it up to date.",
    ),
    "article.outdated.see": ("바뀐 곳 보기", "See what changed"),
    "article.outdated.fine": ("이대로 맞아요", "It is right as it is"),
    "article.newer": (
        "{author} 님이 그사이 저장했어요(개정 {n}). 저장하면 두 글을 나란히 보여 드려요.",
        "{author} saved meanwhile (revision {n}). When you save, you will see both texts.",
    ),
    "article.fresh": (
        "{author} 님이 저장한 글로 바꿔 보여 드려요(개정 {n}).",
        "This is now what {author} saved (revision {n}).",
    ),
    "article.asked": (
        "‘{question}’ 질문을 더해 두었어요. 게시하면 이 글로 답해요.",
        "“{question}” was added. Publish, and this article answers it.",
    ),
    "article.asked.several": (
        "질문 {n}개를 더해 두었어요. 게시하면 이 글로 답해요.",
        "{n} questions were added. Publish, and this article answers them.",
    ),
    "article.led_to": (
        "다른 문서 {n}개에 이 문서로 가는 링크가 있어요.",
        "{n} other articles have links to this one.",
    ),
    "article.led_to.one": (
        "다른 문서 {n}개에 이 문서로 가는 링크가 있어요.",
        "{n} other article has a link to this one.",
    ),
    "article.kept": (
        "아직 저장하지 않은 글이 남아 있어서 이어서 보여 드려요.",
        "This is what you wrote here and have not saved yet.",
    ),
    "article.kept.drop": ("저장된 글로 되돌리기", "Back to what is saved"),
    "article.kept.clear": ("비우고 새로 쓰기", "Begin anew"),
    "article.also": (
        "{name} 님도 지금 이 글을 고치고 있어요.",
        "{name} is editing this, too, at the moment.",
    ),
    "article.returned": ("{author} 님이 돌려보냈어요.", "{author} sent it back."),
    "error.meanwhile": (
        "그사이 바뀌어서 아무것도 하지 않았어요. 지금 모습을 보고 다시 해 주세요.",
        "It changed meanwhile, so nothing was done. Look at it as it is now and try again.",
    ),
    "article.changed.see": ("게시된 글과 비교", "Compare with what is published"),
    "article.compare": ("바뀐 곳", "Changes"),
    "article.compare.title": ("개정 {a} → {b}, 바뀐 곳", "Changes from revision {a} to {b}"),
    "article.compare.none": ("바뀐 곳이 없어요.", "Nothing changed."),
    "article.compare.skipped": ("같은 줄 {n}개", "{n} lines unchanged"),
    "article.compare.skipped.one": ("같은 줄 {n}개", "{n} line unchanged"),
    "article.compare.gone": ("빠진 글", "removed"),
    "article.compare.new": ("새 글", "added"),
    "article.restore": ("이 개정으로 되돌리기", "Restore this revision"),
    "article.restore.say": (
        "개정 {n}의 글이 새 개정이 돼요. 지금 글도 이력에 남고, 고객에게는 게시한 뒤에 보여요.",
        "What revision {n} says becomes a new one. What is there now stays in the history, and "
        "customers see it once you publish.",
    ),
    "article.conflict": ("저장된 글과 내 글", "What was saved, and yours"),
    "article.conflict.say": (
        "{author} 님이 먼저 저장했어요. 아무것도 덮어쓰지 않았고, 아래 칸에는 내 글이 그대로 "
        "있어요. 빨간 줄은 저장된 글에만, 초록은 내 글에만 있어요.",
        "{author} saved first. Nothing was overwritten, and the fields still have your text. "
        "Red is only in what was saved, green only in yours.",
    ),
    "article.conflict.same": ("두 글이 같아요.", "Both say the same."),
    "article.conflict.go": ("보았어요. 이어서 고칠게요", "I have seen it, let me go on"),
    "article.conflict.theirs": ("저장된 글 열기", "Open what was saved"),
    "article.tools": ("꾸미기", "Formatting"),
    "tool.bold": ("굵게", "Bold"),
    "tool.heading": ("제목", "Heading"),
    "tool.list": ("목록", "List"),
    "tool.steps": ("순서", "Steps"),
    "tool.link": ("링크", "Link"),
    "tool.picture": ("그림", "Picture"),
    "tool.table": ("표", "Table"),
    "tool.table.head": ("구분|내용", "Item|Details"),
    "tool.pasted": (
        "제목, 목록, 표를 살려 붙였어요. 되돌리면(Ctrl+Z) 글만 남아요.",
        "Pasted with headings, lists and tables. Undo (Ctrl+Z) leaves the words alone.",
    ),
    "tool.pasted.pictures": (
        "그림은 함께 오지 않아요. ‘그림’ 단추로 넣어 주세요.",
        "Pictures do not come along: add them with the “Picture” button.",
    ),
    "tool.picture.busy": ("그림을 올리는 중…", "Uploading…"),
    "said.review": ("검토를 요청했어요.", "Asked for a review."),
    "said.back": ("돌려보냈어요.", "Sent back."),
    "article.discarded": ("초안을 버렸어요.", "Draft discarded."),
    "said.restored": ("되돌렸어요(개정 {n}).", "Restored (revision {n})."),
    "said.current": ("표시를 지웠어요.", "Marked as up to date."),
    "action.review": ("검토 요청", "Asked for review"),
    "action.return": ("돌려보냄", "Sent back"),
    "action.restore": ("되돌림", "Restored"),
    "action.undo": ("가져오기 취소", "Import undone"),
    "error.picture": ("그림을 올리지 못했어요: {reason}", "The picture was not taken: {reason}"),
    "error.picture.large": (
        "그림이 너무 커요. 10 MiB까지 올릴 수 있어요.",
        "The picture is too large. At most 10 MiB.",
    ),
    "field.state": (
        "지금은 할 수 없어요. 그사이 바뀌었을 수 있어요.",
        "not possible now; it may have changed meanwhile",
    ),
    "error.file": ("파일을 골라 주세요.", "Choose a file."),
    "error.url": (
        "https://로 시작하는 주소를 써 주세요.",
        "Give an address that begins with https://.",
    ),
    "error.cell": (
        "‘{article}’ 문서가 Excel 한 칸에 담기에는 너무 길어요. zip, CSV, JSONL로 내보내 주세요.",
        "the article “{article}” is too long for a cell of Excel. Use zip, CSV or JSONL.",
    ),
    # imports
    "imports": ("가져오기와 내보내기", "Import and export"),
    "imports.lead": (
        "가져오기 전에 먼저 확인해요. 한 줄이라도 고칠 것이 있으면 아무것도 쓰지 않고, "
        "끝난 뒤에도 통째로 취소할 수 있어요.",
        "Everything is checked first. If a single row needs fixing, nothing is imported. "
        "You can undo a whole import afterwards.",
    ),
    "imports.file": ("파일에서", "From a file"),
    "imports.file.hint": (
        "Excel(.xlsx), CSV, JSONL, Markdown, 또는 Markdown과 그림을 담은 .zip(노션 내보내기도). "
        "최대 64 MiB.",
        "Excel (.xlsx), CSV, JSONL, Markdown, or a .zip of Markdown and pictures, such as an "
        "export from Notion. At most 64 MiB.",
    ),
    "imports.columns": (
        "표의 첫 줄: 제목, 본문, 질문, 태그, 아이디, 언어(ko/en). "
        "제목(없으면 질문)과 본문만 있어도 돼요.",
        "First line of a table: title, body, questions, tags, id, locale (ko/en). A title (or "
        "questions) and a body are enough.",
    ),
    "imports.url": ("웹에서", "From the web"),
    "imports.url.label": ("페이지나 사이트맵 주소", "Address of a page or sitemap"),
    "imports.url.hint": (
        "사이트맵이면 안의 페이지를 모두 읽어요(최대 {n}개).",
        "Of a sitemap, all pages are read (at most {n}).",
    ),
    "imports.publish": ("바로 게시하기", "Publish at once"),
    "imports.check": ("확인하기", "Check"),
    "imports.out": ("내보내기", "Export"),
    "imports.out.say": (
        "초안과 내린 글까지 모든 문서를 파일 하나로. 다른 곳에서 가져와도 초안은 초안으로, "
        "내린 글은 내린 채로 있어요.",
        "All articles as one file, drafts and retired ones too. Wherever it is imported, drafts "
        "stay drafts and retired ones stay retired.",
    ),
    "imports.out.zip": ("Markdown과 그림(.zip)", "Markdown and pictures (.zip)"),
    "imports.past": ("지난 가져오기", "Past imports"),
    "imports.none": ("아직 없어요.", "None yet."),
    "imports.by": ("{author} · {at}", "{author} · {at}"),
    "import": ("가져오기 {n}", "Import {n}"),
    "import.reading": ("읽는 중", "Reading"),
    "import.read": ("확인함", "Checked"),
    "import.writing": ("가져오는 중", "Importing"),
    "import.done": ("가져옴", "Imported"),
    "import.failed": ("실패함", "Failed"),
    "import.undone": ("취소함", "Undone"),
    "import.still": (
        "멈췄어요. 아무것도 쓰지 않았으니 다시 시작해도 괜찮아요.",
        "It stopped. Nothing was written; it is safe to start again.",
    ),
    "import.of": ("{total:,}개 중 {done:,}개", "{done:,} of {total:,}"),
    "import.added": ("새 문서", "New"),
    "import.updated": ("바뀌는 문서", "Changed"),
    "import.updated.done": ("바뀐 문서", "Changed"),
    "import.unchanged": ("그대로", "Unchanged"),
    "import.refused": ("고칠 줄", "To mend"),
    "import.refused.say": (
        "아래를 고친 뒤 다시 올려 주세요. 아직 아무것도 쓰지 않았어요.",
        "Mend these and upload again. Nothing was written.",
    ),
    "import.refused.more": ("이 밖에 {n:,}줄이 더 있어요.", "And {n:,} more."),
    "import.row": ("줄", "Row"),
    "import.reason": ("이유", "Reason"),
    "import.replaced": ("바뀌는 문서", "Articles that change"),
    "import.replaced.done": ("바뀐 문서", "Articles that changed"),
    "import.replaced.more": ("이 밖에 {n:,}개 더 있어요.", "And {n:,} more."),
    "import.article": ("지금 제목", "Title now"),
    "import.changes": ("바뀌는 것", "What changes"),
    "import.change.title": ("제목", "title"),
    "import.change.questions": ("질문", "questions"),
    "import.change.body": ("본문", "text"),
    "import.change.tags": ("태그", "tags"),
    "import.change.state": ("게시", "published"),
    "import.go": ("가져오기", "Import"),
    "import.go.publish": ("가져와서 게시하기", "Import and publish"),
    "import.nothing": ("바뀌는 것이 없어요.", "There is nothing to change."),
    "import.undo": ("통째로 취소", "Undo all of it"),
    "import.undo.say": (
        "새로 생긴 문서는 지우고, 바뀐 문서는 전으로 되돌려요. "
        "그 뒤에 누가 고친 문서는 그대로 둬요.",
        "New articles are deleted and changed ones say again what they said. Whatever somebody "
        "changed since stays.",
    ),
    "import.kept": ("그 뒤에 고쳐서 그대로 둔 문서: {list}", "Changed since, and left: {list}"),
    "import.ignored": ("읽지 않은 칸: {list}", "Columns that were not read: {list}"),
    "import.hidden": (
        "Excel에서 숨긴 줄이나 시트는 가져오지 않아요: {list}. "
        "가져오려면 숨기기나 필터를 풀고 저장해 주세요.",
        "Left out, as it is hidden in the workbook: {list}. To bring it, unhide it or clear the "
        "filter there, and save.",
    ),
    "import.left": ("그 뒤에 고쳐서 그대로 둔 문서", "Changed since, and left as they are"),
    "import.undone.by": ("{author} 님이 취소했어요.", "Undone by {author}."),
    "said.imported": ("가져오고 있어요.", "Importing."),
    "said.undone": (
        "취소했어요. 지움 {removed:,}개, 되돌림 {restored:,}개, 그대로 둠 {kept:,}개.",
        "Undone: {removed:,} removed, {restored:,} restored, {kept:,} kept.",
    ),
}  # fmt: skip

# Why something was not read or taken, in Korean; the knowledge base says it in English.
REASONS: tuple[tuple[str, str], ...] = (
    (r"is missing|is empty", "비어 있어요"),
    (r"has [\d,]+ characters, at most ([\d,]+).*", r"너무 길어요(최대 \1자)"),
    (r"has \d+ entries, at most (\d+).*", r"너무 많아요(최대 \1개)"),
    (r"use letters.*", "글자, 숫자와 - _ . 만 쓸 수 있어요"),
    (r"must be one of.*", "ko나 en이어야 해요"),
    (r"the same article, (\S+) \(..\), is in row (.+)", r"같은 문서(\1)가 \2 줄에도 있어요"),
    (r"no front matter.*", "머리말(---)이나 제목(# …)으로 시작해야 해요"),
    (
        r"the front matter is not valid YAML in line (\d+)",
        r"\1번째 줄의 머리말을 읽을 수 없어요. 값을 따옴표로 감싸 보세요",
    ),
    (r"the front matter .*", "머리말을 읽을 수 없어요"),
    (r"not a valid JSON line|a JSON object .*", "JSON 줄이 아니에요"),
    (r"not a valid CSV line: unexpected end.*", "여는 따옴표가 닫히지 않았어요"),
    (r"not a valid CSV line.*", "CSV 줄이 아니에요. 글 안의 따옴표는 두 번 써 주세요"),
    (
        r"columns: (.+) are all the \w+; leave one",
        r"칸 \1 가운데 하나만 남겨 주세요(둘 다 같은 내용)",
    ),
    (r"a formula says (.+)", r"수식의 값이 \1이에요"),
    (r"has more cells .*", "첫 줄의 이름보다 칸이 많아요"),
    (
        r".* is neither UTF-8, UTF-16 nor CP949 text",
        "읽을 수 있는 글이 아니에요. Excel이라면 ‘CSV UTF-8’이나 .xlsx로 저장해 주세요",
    ),
    (r".* is not an Excel workbook", "Excel 파일이 아니에요"),
    (r".* is not a zip file .*", "zip 파일이 아니에요"),
    (r".* holds no \.md files", "안에 .md 파일이 없어요"),
    (r".* unpacks to too much", "풀면 너무 커요"),
    (
        r".*expected a folder.*",
        "가져올 수 있는 파일이 아니에요. Excel(.xlsx), CSV, JSONL, Markdown, zip을 올려 주세요. "
        "옛 Excel(.xls)은 .xlsx로 저장하고, 한글이나 Word의 글은 새 문서에 붙여 넣어 주세요",
    ),
    (r".* holds no articles", "안에 문서가 한 줄도 없어요"),
    (r"the address is inside .*", "내부 네트워크 주소는 읽지 않아요"),
    (r"only http and https .*", "http와 https 주소만 읽어요"),
    (r"the name of the server is not known", "서버 이름을 찾을 수 없어요"),
    (r"the address cannot be used", "쓸 수 없는 주소예요"),
    (r"the server answered (\d+)", r"서버가 \1 오류로 답했어요"),
    (r"the server could not be reached.*", "서버에 연결하지 못했어요"),
    (r"the page has more than (.*)", r"페이지가 너무 커요(\1 넘음)"),
    (r"the page took too long", "너무 오래 걸려요"),
    (r"it redirects .*", "다른 주소로 너무 여러 번 넘어가요"),
    (r"is no web page.*", "웹 페이지가 아니에요"),
    (r"has no text", "읽을 글이 없어요"),
    (
        r"names ([\d,]+) pages; the first (\d+) were read",
        r"페이지가 \1개예요. 앞의 \2개만 읽었어요",
    ),
    (r"the sitemap names no page", "사이트맵에 페이지가 없어요"),
    (r"the sitemap declares entities", "엔티티를 선언한 사이트맵은 읽지 않아요"),
    (r"unpacks to more than (.*)", r"풀면 너무 커요(\1 넘음)"),
    (r"cannot be unpacked", "압축을 풀 수 없어요. 파일이 깨진 것 같아요"),
    (r"is on another server .*", "사이트맵과 다른 서버에 있어요"),
    (r"is no PNG.*|files of this kind.*", "PNG, JPEG, GIF, WebP 그림이 아니에요"),
    (r"the picture is damaged", "그림이 깨졌어요"),
)
FIELDS = {
    "id": "아이디", "locale": "언어", "title": "제목", "questions": "질문", "tags": "태그",
    "body": "본문", "path": "파일", "url": "주소",
}  # fmt: skip


def reason_in(reason: str, lang: str) -> str:
    """Why a row was refused or an import failed, for a person; what has no words stays as it is."""
    if lang != "ko":
        return reason
    if lacks := re.fullmatch(r"columns: the first line lacks (.+) \(it has.*", reason, re.DOTALL):
        columns = ", ".join(FIELDS[column] for column in lacks[1].split(", "))
        return f"첫 줄에 {columns} 칸이 없어요"
    field, colon, rest = reason.partition(": ")
    named = FIELDS.get(field, "") if colon else ""
    if field.startswith("picture "):
        named = f"그림 {field.removeprefix('picture ')}"
    said = rest if named else reason
    for pattern, korean in REASONS:
        if found := re.fullmatch(pattern, said, re.DOTALL):
            said = found.expand(korean)
            break
    return f"{named}: {said}" if named else said
