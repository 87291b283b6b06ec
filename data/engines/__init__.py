"""The two engines behind the door, an SQLite file and a PostGIS database, and how bulk rows go in and out."""
