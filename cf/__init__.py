"""The listening half: plays and playlists in, factors and vectors out."""
