"""What customers read on Telegram alone, in Korean and English."""

PHRASES: dict[str, dict[str, str]] = {
    "tg_welcome": {
        "ko": "안녕하세요! 궁금한 것을 편하게 물어보세요.\n"
        "상담원이 필요하면 /human, 언어를 바꾸려면 /lang en 을 보내 주세요.",
        "en": "Hello! Ask us anything.\n"
        "Send /human to talk to a person, /lang ko to change the language.",
    },
    "tg_link_sure": {
        "ko": "다른 곳에서 나눈 상담을 여기로 이어오려면 이렇게 보내 주세요: 이어하기 {code}\n"
        "이어지면 양쪽에서 서로의 상담 내용을 모두 볼 수 있어요. "
        "다른 사람이 보내 준 링크라면 보내지 마세요.",
        "en": "To bring the conversation from elsewhere here, send: continue {code}\n"
        "Then everything said in one place can be read in the other. If somebody else sent you the "
        "link, don't.",
    },
    "tg_help": {
        "ko": "이런 것을 할 수 있어요.\n"
        "· 궁금한 것을 그냥 적어 보내기\n"
        "· /human 상담원 연결\n"
        "· /lang ko 또는 /lang en 언어 바꾸기",
        "en": "This is what you can do here.\n"
        "· Just write your question\n"
        "· /human to talk to a person\n"
        "· /lang ko or /lang en to change the language",
    },
    "tg_language": {
        "ko": "이제 한국어로 안내해 드릴게요.",
        "en": "We will write to you in English from now on.",
    },
    "tg_press_over": {
        "ko": "이 버튼은 이제 쓸 수 없어요. 글로 적어 주시면 도와드릴게요.",
        "en": "This button is no longer in use. Just write to us what you need.",
    },
    "tg_group": {
        "ko": "저는 일대일 대화에서만 도와드릴 수 있어요. 저에게 직접 메시지를 보내 주세요.\n\n"
        "I can only help in a private chat. Please write to me directly.",
        "en": "I can only help in a private chat. Please write to me directly.\n\n"
        "저는 일대일 대화에서만 도와드릴 수 있어요. 저에게 직접 메시지를 보내 주세요.",
    },
    "tg_sticker": {"ko": "{emoji} (스티커)", "en": "{emoji} (sticker)"},
    "tg_location": {"ko": "위치: {text}", "en": "Location: {text}"},
    "tg_contact": {"ko": "연락처: {text}", "en": "Contact: {text}"},
    "tg_other": {
        "ko": "(여기서 볼 수 없는 종류의 메시지)",
        "en": "(a message of a kind that cannot be shown here)",
    },
    "tg_other_told": {
        "ko": "이런 종류의 메시지는 볼 수 없어요. 글이나 사진으로 보내 주시겠어요?",
        "en": "We cannot see messages of this kind. Could you send words or a picture?",
    },
    "tg_file_lost": {"ko": "📎 {name} (받지 못함)", "en": "📎 {name} (not received)"},
    "tg_file_large": {
        "ko": "{name} 파일은 너무 커서 받지 못했어요. 10 MB까지 받을 수 있어요.",
        "en": "{name} is too large for us. A file may have up to 10 MB.",
    },
    "tg_file_kind": {
        "ko": "{name} 파일은 받을 수 없는 종류예요. 사진, PDF, 문서, 압축 파일은 괜찮아요.",
        "en": "We cannot take {name}. Pictures, PDF, documents and zip files are fine.",
    },
    "tg_file_gone": {
        "ko": "{name} 파일을 받지 못했어요. 다시 보내 주시겠어요?",
        "en": "We could not get {name}. Could you send it again?",
    },
}
