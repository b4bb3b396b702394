"""The rules of the field: values and decisions, standard library only."""
