"""What the bot does with a customer's message; served to Rasa by rasa-sdk.

Actions decide, the desk writes: nothing here changes the database.
"""
