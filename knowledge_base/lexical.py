"""Sparse retrieval: TF-IDF over terms or character n-grams, as an inverted index in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import saxpy
from scipy.sparse import csc_array, csr_array

Hashes = NDArray[np.uint64]
Floats = NDArray[np.float32]
Counted = tuple[Hashes, NDArray[np.int64]]

# From about so many entries on, a matrix is worth what it costs to make one.
MANY = 30_000
# Of so many texts, a term that more than this share of them have is a column with all of them: six
# in ten entries of the n-grams of an English question are of the few that nearly every text has.
LARGE, COMMON = 4_000, 0.25
_MIX = np.uint64(0x9E3779B97F4A7C15)


def term_hashes(texts: Sequence[Sequence[str]]) -> list[Hashes]:
    """Hashes of each text's terms, stable within this process."""
    return [
        np.fromiter((hash(term) & 0xFFFFFFFFFFFFFFFF for term in terms), np.uint64, len(terms))
        for terms in texts
    ]


def ngram_hashes(texts: Sequence[str], *, shortest: int, longest: int) -> list[Hashes]:
    """Hashes of each text's character n-grams; spaces are dropped, as customers misplace them."""
    squeezed = [text.replace(" ", "") for text in texts]
    lengths = np.array([len(text) for text in squeezed], dtype=np.int64)
    if not len(lengths):
        return []
    codes = np.frombuffer("".join(squeezed).encode("utf-32-le", "replace"), dtype=np.uint32)
    text_of = np.repeat(np.arange(len(lengths)), lengths)
    hashes, owners = [], []
    rolling = np.zeros(len(codes), dtype=np.uint64)
    for n in range(1, longest + 1):
        size = len(codes) - n + 1
        if size <= 0:
            break
        # Extend every gram of length n-1 by its next character.
        rolling = (rolling[:size] * _MIX) ^ (codes[n - 1 :].astype(np.uint64) + np.uint64(n))
        rolling = (rolling ^ (rolling >> np.uint64(29))) * _MIX
        if n >= shortest:
            inside = text_of[:size] == text_of[n - 1 :]
            hashes.append(rolling[inside])
            owners.append(text_of[:size][inside])
    if not hashes:
        return [np.zeros(0, np.uint64) for _ in squeezed]
    if len(squeezed) == 1:
        return [np.concatenate(hashes)]
    flat, owner = np.concatenate(hashes), np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    ends = np.cumsum(np.bincount(owner, minlength=len(lengths)))
    return np.split(flat[order], ends[:-1])


def counted(query: Hashes) -> Counted:
    """A question's distinct hashes, and how often it has each: quicker than ``np.unique``."""
    ordered = np.sort(query)
    new = np.ones(len(ordered) + 1, bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:-1])
    bounds = np.flatnonzero(new)
    return ordered[bounds[:-1]], bounds[1:] - bounds[:-1]


def _lists(
    found: NDArray[np.intp], starts: NDArray[Any], *columns: NDArray[Any]
) -> tuple[list[NDArray[Any]], NDArray[Any]]:
    """These terms' lists, one after the other, in each column; and how long each list is."""
    begins, ends = starts[found], starts[found + 1]
    spans = [*map(slice, begins.tolist(), ends.tolist())]
    return [
        np.concatenate([column[span] for span in spans]) if spans else column[:0]
        for column in columns
    ], ends - begins


def _added(
    owners: NDArray[Any], entries: Floats, shares: Floats, lengths: NDArray[Any], size: int
) -> Floats:
    """For each of ``size`` owners the sum of its ``entries`` in these lists, each times the share
    of its list."""
    if len(owners) > MANY:
        ends = np.append(0, np.cumsum(lengths)).astype(owners.dtype)
        lists = csc_array((entries, owners, ends), shape=(size, len(lengths)))
        result: Floats = lists @ shares
        return result
    weights = entries * np.repeat(shares, lengths)
    return np.bincount(owners, weights, minlength=size).astype(np.float32)


class SparseIndex:
    """TF-IDF vectors of many short texts; a query gets its cosine with every text."""

    def __init__(self, hashes: Sequence[Hashes], weights: Floats | None = None) -> None:
        lengths = np.array([len(row) for row in hashes], dtype=np.int64)
        self.size = len(lengths)
        flat = np.concatenate(hashes) if self.size else np.zeros(0, np.uint64)
        self._vocabulary, term = np.unique(flat, return_inverse=True)
        text = np.repeat(np.arange(self.size, dtype=np.int64), lengths)
        # One entry per (term, text), sorted by term: the inverted index.
        pairs, counts = np.unique(
            term.astype(np.int64) * max(self.size, 1) + text, return_counts=True
        )
        term, text = pairs // max(self.size, 1), pairs % max(self.size, 1)
        starts = np.searchsorted(term, np.arange(len(self._vocabulary) + 1))
        document_counts = np.diff(starts)
        self._idf = (np.log((1 + self.size) / (1 + document_counts)) + 1).astype(np.float32)
        weight = (1 + np.log(counts)).astype(np.float32) * self._idf[term]
        norms = np.sqrt(np.bincount(text, weight * weight, minlength=self.size))
        entries = (weight / norms[text]).astype(np.float32)
        self._unseen_idf = float(np.log(1 + self.size) + 1)
        # What most texts have is kept apart, as columns.
        most = COMMON * self.size if self.size >= LARGE else self.size
        common = np.flatnonzero(document_counts > most)
        self._column_of = {int(one): number for number, one in enumerate(common)}
        self._columns = np.zeros((len(common), self.size), np.float32)
        apart = np.zeros(len(text), bool)
        for one, column in zip(common, self._columns, strict=True):
            span = slice(starts[one], starts[one + 1])
            column[text[span]] = entries[span]
            apart[span] = True
        rest = ~apart
        self._entries, self._texts = entries[rest], text[rest].astype(np.int32)
        lengths = np.where(document_counts > most, 0, document_counts)
        self._starts = np.append(0, np.cumsum(lengths)).astype(np.int32)

    def similarities(self) -> Floats:
        """Cosine of every text with every other."""
        shape = (len(self._vocabulary), self.size)
        by_term = csr_array((self._entries, self._texts, self._starts), shape=shape)
        result: Floats = (by_term.T @ by_term).toarray()
        return result

    def scores(self, query: Counted) -> Floats:
        """Cosine of the query with every text; terms nobody uses lower all of them."""
        wanted, counts = query
        if not len(wanted) or not len(self._vocabulary):
            return np.zeros(self.size, np.float32)
        places = np.minimum(np.searchsorted(self._vocabulary, wanted), len(self._vocabulary) - 1)
        known = self._vocabulary[places] == wanted
        weights = (1 + np.log(counts)) * np.where(known, self._idf[places], self._unseen_idf)
        norm = float(np.sqrt(weights @ weights))
        shares = (weights[known] / norm).astype(np.float32)
        found = places[known]
        (texts, entries), lengths = _lists(found, self._starts, self._texts, self._entries)
        result = _added(texts, entries, shares, lengths, self.size)
        if self._column_of:
            for one, share in zip(found.tolist(), shares.tolist(), strict=True):
                if (column := self._column_of.get(one)) is not None:
                    # Adds where it is; to take the columns out first would copy them.
                    result = saxpy(self._columns[column], result, a=share)
        return result


class CoverageIndex:
    """How much of a question's vocabulary, weighted by rarity, an article uses anywhere."""

    def __init__(self, hashes: Sequence[Hashes]) -> None:
        """``hashes`` holds each article's distinct terms."""
        self.size = len(hashes)
        lengths = np.array([len(row) for row in hashes], dtype=np.int64)
        flat = np.concatenate(hashes) if self.size else np.zeros(0, np.uint64)
        self._vocabulary, term = np.unique(flat, return_inverse=True)
        order = np.argsort(term, kind="stable")
        self._articles = np.repeat(np.arange(self.size, dtype=np.int32), lengths)[order]
        self._starts = np.searchsorted(term[order], np.arange(len(self._vocabulary) + 1))
        self._idf = np.log((1 + self.size) / (1 + np.diff(self._starts))) + 1
        self._unseen_idf = float(np.log(1 + self.size) + 1)

    def scores(self, query: Counted) -> Floats:
        """Share 0..1 of the query's distinct terms, by idf, that each article has."""
        wanted, _ = query
        if not len(wanted) or not len(self._vocabulary):
            return np.zeros(self.size, np.float32)
        places = np.minimum(np.searchsorted(self._vocabulary, wanted), len(self._vocabulary) - 1)
        known = self._vocabulary[places] == wanted
        weights = np.where(known, self._idf[places], self._unseen_idf)
        (holders,), lengths = _lists(places[known], self._starts, self._articles)
        shares = (weights[known] / weights.sum()).astype(np.float32)
        return _added(holders, np.ones(len(holders), np.float32), shares, lengths, self.size)

    def shares(self, query: Hashes) -> Floats:
        """Share 0..1 of the query's weight that each of its terms has; the rare ones have more."""
        if not len(query):
            return np.zeros(0, np.float32)
        weights = np.full(len(query), self._unseen_idf)
        if len(self._vocabulary):
            last = len(self._vocabulary) - 1
            places = np.minimum(np.searchsorted(self._vocabulary, query), last)
            known = self._vocabulary[places] == query
            weights[known] = self._idf[places[known]]
        result: Floats = (weights / weights.sum()).astype(np.float32)
        return result
