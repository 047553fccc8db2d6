"""One module a pipeline, each used as its own documentation advises; `protocol` is what they share."""
