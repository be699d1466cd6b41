"""Flow runs as the Prefect server knows them: made, awaited, found dead, ended."""
