"""The Slack desk: a ticket is a card and a thread in the queue channel; agents answer there."""
