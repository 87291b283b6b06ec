"""What a user can ask for, one file each: frozen request → frozen response, the same for window and command line."""
