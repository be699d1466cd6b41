"""A stage as a Prefect task: submission, retries, progress, how many at once."""
