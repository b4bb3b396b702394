"""From counted frames to statistics and charts: frame in, frame or chart out."""
