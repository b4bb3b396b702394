"""The account tables: schema, the database engine, and every SQL statement of the project."""
