"""From counted frames to statistics and timelines: frame in, frame out."""
