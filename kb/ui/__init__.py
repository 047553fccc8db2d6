"""The web app: a conversation on the left, the passages it rests on on the right."""

from kb.ui.server import serve

__all__ = ["serve"]
