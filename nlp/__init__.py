"""The text half: documents in, mentions, terms, weights and cultural vectors out."""
