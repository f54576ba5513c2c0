"""The fault suite: ``make chaos`` breaks the running system and checks what was acknowledged."""
