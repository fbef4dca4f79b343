"""What is wrong with a program that uses Earth Engine, told without running it."""
