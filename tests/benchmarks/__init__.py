"""How fast the project is, as ratios to what cannot be avoided: see README.md."""
