"""From a question to ranked passages: two searches, fused."""
