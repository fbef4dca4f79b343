"""Totals."""

import threading

from codegen.models.completion import Completion
from codegen.models.metering import Meter, Totals
from tests.codegen.models.support import ask


class Instant:
    name = "instant"

    async def complete(self, messages, sampling):
        return Completion("x", self.name, 2, 3, 0.5)


def test_totals_are_whole_though_threads_count_at_a_time():
    meter = Meter(Instant())
    threads = [threading.Thread(target=lambda: [ask(meter) for _ in range(25)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert meter.totals == Totals(200, 0, 0, 400, 600, 100.0)


def test_totals_of_models_add_up():
    assert Totals(1, 1, 0, 5, 6, 1.0) + Totals(2, 0, 1, 1, 1, 0.5) == Totals(3, 1, 1, 6, 7, 1.5)
