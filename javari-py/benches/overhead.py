"""Microseconds of a call with an empty body, through the synchronous and the asynchronous face."""

import asyncio
import statistics
import time

from javari import AsyncJavari, Javari

CALLS = 5_000
ROUNDS = 15


def synchronous() -> float:
    with Javari.open(":memory:") as javari:
        version = javari.system.version
        rounds = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            for _ in range(CALLS):
                version()
            rounds.append((time.perf_counter() - started) / CALLS)
    return statistics.median(rounds) * 1e6


async def asynchronous() -> float:
    async with await AsyncJavari.open(":memory:") as javari:
        version = javari.system.version
        rounds = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            for _ in range(CALLS):
                await version()
            rounds.append((time.perf_counter() - started) / CALLS)
    return statistics.median(rounds) * 1e6


print(f"Python {synchronous():.2f}")
print(f"Python-async {asyncio.run(asynchronous()):.2f}")
