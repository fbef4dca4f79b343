"""Chain of Programming: from what is asked for to a program that runs, through one shared pool of information."""
