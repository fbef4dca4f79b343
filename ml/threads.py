"""How many threads torch takes."""


def one_thread() -> None:
    """One, in this process: two jobs side by side take the two cores better than one job on both."""
    import torch

    torch.set_num_threads(1)
