"""The Telegram channel: one bot, private chats, by long polling or webhook."""
