"""From hits to an answer whose every claim is quoted."""
