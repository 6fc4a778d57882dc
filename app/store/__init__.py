"""TABLES and the statements on them. The only importer of SQLAlchemy."""
