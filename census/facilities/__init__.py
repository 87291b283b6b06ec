"""Sanitation facilities: the register, what is wrong in it, what is overdue, and how many there are where."""
