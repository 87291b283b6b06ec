"""Data with a version and a source: class codes, fields, texts, styles, symbols, icons, fonts, names."""
