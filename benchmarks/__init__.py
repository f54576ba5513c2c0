"""Measurements: ``make bench`` runs them on the real product and keeps every figure."""
