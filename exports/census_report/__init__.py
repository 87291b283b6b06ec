"""The report of a census session that a city signs: content.py gathers nothing, it only says what is printed."""
