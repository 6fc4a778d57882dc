"""JOBS: which verb runs when. The only importer of APScheduler."""
