"""Time series of a pixel: segmentation and change detection, one module a published method.

Each module works on arrays of shape (times, pixels) with a mask of the same shape and knows nothing of images.
"""
