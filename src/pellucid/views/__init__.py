"""Lists of equations and their values as plain data to show."""
