"""The inspectors' page: a place, and the answers to five questions about it."""
