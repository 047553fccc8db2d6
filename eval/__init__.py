"""Scores the assistant against gold evidence and public benchmarks; `kb` never imports it."""
