"""Taking back what one run of the program wrote, row by row, as far as nobody has changed it since."""
