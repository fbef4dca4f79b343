"""What can be done with arrays, as functions of stacks: n arrays of one shape at once, (n, *shape).

A single array is a stack of one; the pixels of an array band whose shape is the same are one stack.
"""
