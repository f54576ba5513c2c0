"""KakaoTalk: a channel whose customers fetch. Its open builder asks a skill server, within 5 s.

The platform cannot be told anything of itself: whatever is said to a customer meanwhile waits in
the history for their next message.
"""
