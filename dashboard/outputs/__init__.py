"""Files handed out: values in, documents (name, type, bytes) out."""
