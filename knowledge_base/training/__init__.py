"""Trains the Korean-English encoder that is shipped in ``knowledge_base/encoder``."""
