"""The only room that speaks SQL. `data.store` is the door; everything else here stands behind it."""
