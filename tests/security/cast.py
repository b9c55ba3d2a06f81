"""The cast of the tables of permissions, and those of it that may do a thing."""

from __future__ import annotations

CAST = ("anonymous", "viewer", "colleague", "owner", "admin")
READ, WORK, OWN, ADMIN = "viewer colleague owner admin", "colleague owner admin", "owner admin", "admin"
ONLY_OWNER = "owner"
NONE = ""
NOBODY = "nobody of the cast"  # such as approving offers: it is there, but for others
