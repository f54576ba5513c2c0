"""The desk's domain: customers, conversations, tickets, ratings, and the lanes that carry work.

Plain functions over a SQLAlchemy ``Session``. The caller commits. Nothing of ours is imported here.
"""
