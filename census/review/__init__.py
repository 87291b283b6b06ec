"""A draft in the hands of people: corrected, compared, sent back, and known when it comes again."""
