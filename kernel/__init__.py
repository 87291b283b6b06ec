"""What every room may lean on: errors, progress, changes, the clock. No third-party imports."""
