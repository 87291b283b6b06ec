"""The command line: one file per noun, thin: words in, an action, words or JSON out."""
