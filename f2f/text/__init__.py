"""Text as data: languages, sentences, numbers, how it is read aloud and how well it was heard."""
