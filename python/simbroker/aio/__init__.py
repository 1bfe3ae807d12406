"""Virtual time for a whole asyncio program: its clients, the network and the broker.

    import aio_pika, asyncio, simbroker.aio

    async def main(simulation):
        connection = await aio_pika.connect_robust(simulation.url)
        ...
        simulation.broker.crash(for_=30)          # the power goes for half a minute
        await asyncio.sleep(30 * 86400)           # a month, at once

    simbroker.aio.run(main, seed=1, latency=0.02, jitter=0.005)

There are no sockets, no threads and no waiting: the event loop's clock is the broker's, and the same seed gives the same
run, octet for octet. In pytest an `async def` test that asks for the fixture `simbroker_aio` runs like that.
"""

from simbroker.aio.loop import EventLoop
from simbroker.aio.simulation import SimulatedBroker, Simulation, current, run
from simbroker.aio.sockets import Socket
from simbroker.errors import DeadlockError

__all__ = ["DeadlockError", "EventLoop", "SimulatedBroker", "Simulation", "Socket", "current", "run"]
