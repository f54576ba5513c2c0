"""The knowledge base: articles, retrieval in Korean and English, calibrated answers.

Modules are imported by name (``from knowledge_base import articles``). The package imports
nothing else of ours and reads no environment variable.
"""
