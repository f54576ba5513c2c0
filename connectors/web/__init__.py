"""The web: the customers' chat, the agents' console, the help centre, the API."""
