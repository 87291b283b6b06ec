"""The Grid page: divide, check and mend, edit by hand, print."""
