"""Files as surveyors deliver them: found, told apart, unpacked, and read into tables with nothing judged yet."""
