"""What a file of examples may be: each format is read into one table of columns."""
