"""Tables of the knowledge base, by noun. The schema holds the invariants; PostgreSQL only."""

from __future__ import annotations

from knowledge_base.models.articles import (
    Article,
    Embedding,
    FormerAddress,
    Question,
    Revision,
    Version,
)
from knowledge_base.models.asked import Gap, GapQuestion, SavedQuestion, UnwantedQuestion
from knowledge_base.models.base import Base
from knowledge_base.models.imports import Import, ImportedArticle, Picture, PictureContent
from knowledge_base.models.visits import ArticleView, SearchMiss, Vote

__all__ = [
    "Article",
    "ArticleView",
    "Base",
    "Embedding",
    "FormerAddress",
    "Gap",
    "GapQuestion",
    "Import",
    "ImportedArticle",
    "Picture",
    "PictureContent",
    "Question",
    "Revision",
    "SavedQuestion",
    "SearchMiss",
    "UnwantedQuestion",
    "Version",
    "Vote",
]
