"""Facility records that come from the field one by one: reading them, and what they would make of the register."""
