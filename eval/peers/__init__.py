"""The usual pipelines on the same documents, questions and encoder, each in its own words.

Every pipeline has an adapter of a few lines in `adapters/`, run as a process
of its own; `side_by_side` runs them, `scoring` compares what they found.
"""
