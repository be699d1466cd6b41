"""Who works on the items: worker processes of this machine, or workers of a Prefect work pool."""
