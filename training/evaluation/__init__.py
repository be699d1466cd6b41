"""How well the models do: sync scores, measures of pictures, the report of both."""
