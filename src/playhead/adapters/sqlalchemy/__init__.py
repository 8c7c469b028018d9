"""The catalog (accounts, projects, runs) in SQLite or PostgreSQL, through SQLAlchemy Core."""
