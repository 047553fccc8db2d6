"""An answer worded by a language model, every sentence held against its passages; optional.

The model is asked only about what the assistant has already decided to
answer, and sees nothing but retrieved passages. Whatever goes wrong, the
answer stays the quoted one.
"""

from kb.answering.llm.writer import Writer, open_writer

__all__ = ["Writer", "open_writer"]
