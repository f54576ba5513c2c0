"""Rasa graph components of the bot; they run in Rasa's own Python 3.10 environment."""
