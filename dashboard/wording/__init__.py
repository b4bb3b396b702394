"""What columns and documents say, in French: headings, cells, explanations; no rule."""
