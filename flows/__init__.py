"""When and where translations run: Prefect flows over the stages of `f2f`.

`settings.prepare()` comes before the first import of Prefect; every entry point here does it.
"""
