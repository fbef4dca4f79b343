"""java.util.Random: the generator that Weka draws from, so that the same seed draws the same rows."""

_MULTIPLIER = 0x5DEECE66D
_MASK = (1 << 48) - 1


class JavaRandom:
    """The linear congruential generator that Java's documentation of `java.util.Random` prescribes."""

    def __init__(self, seed: int) -> None:
        self._state = (seed ^ _MULTIPLIER) & _MASK

    def _bits(self, count: int) -> int:
        self._state = (self._state * _MULTIPLIER + 0xB) & _MASK
        return self._state >> (48 - count)

    def below(self, bound: int) -> int:
        """A number in [0, bound): `nextInt(bound)`."""
        if bound & (bound - 1) == 0:
            return (bound * self._bits(31)) >> 31
        while True:
            drawn = self._bits(31)
            value = drawn % bound
            if drawn - value + bound - 1 < 1 << 31:  # numbers of the last, incomplete cycle are drawn again
                return value

    def integer(self) -> int:
        """Any 32-bit integer: `nextInt()`."""
        drawn = self._bits(32)
        return drawn - (1 << 32) if drawn >= 1 << 31 else drawn

    def fraction(self) -> float:
        """A number in [0, 1): `nextDouble()`."""
        return float((self._bits(26) << 27) + self._bits(27)) / (1 << 53)
