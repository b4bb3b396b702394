"""What users do, one file each: read, decide, write, and say what was done."""
