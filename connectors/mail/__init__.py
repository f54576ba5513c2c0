"""Mail: one-time codes to addresses that are in the records."""
