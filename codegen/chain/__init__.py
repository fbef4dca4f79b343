"""Chain of Programming: from a request in words to a program that ran, in five steps that share one pool."""
