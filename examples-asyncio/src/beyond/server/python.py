"""Serving Clients, beyond the document: a server, and four clients that it greets.

python3 examples-asyncio/src/beyond/server/python.py
"""

import asyncio
import time


async def greeting_with_sleep_async(reader, writer):
    try:
        # Waits for a newline or the end of file. Raises ValueError if the line is too long.
        line = (await reader.readline()).decode()
        if line.endswith("\n"):
            string = line[:-1]
            # Output into a pipe is block-buffered, unless it is flushed.
            print(string, flush=True)
            await asyncio.sleep(2)
            writer.write((string + " says hello!\n").encode())
            await writer.drain()
    except (OSError, ValueError):
        pass  # The client has gone, or has sent no line of text. The others go on.
    except asyncio.CancelledError:
        pass  # main has ended. Python 3.11.7 and 3.12.1 print this if it is not caught.
    finally:
        writer.close()


async def client(address, string):
    reader, writer = await asyncio.open_connection(*address)
    writer.write((string + "\n").encode())
    await writer.drain()
    # Unlike readline(), readuntil() raises an exception if there is no answer.
    answer = (await reader.readuntil()).decode()
    print(answer[:-1], flush=True)
    writer.close()


async def main_async():
    s = time.perf_counter()
    # Creates a task for each connection. Port 0 is any free port. The limit is that of a line.
    server = await asyncio.start_server(greeting_with_sleep_async, "127.0.0.1", 0, limit=1000)
    address = server.sockets[0].getsockname()
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
    await asyncio.gather(*[client(address, greeting) for greeting in greetings])
    # Stops accepting. No wait_closed() here: since Python 3.12 it waits for all connections, also
    # for that of a client which sends nothing. asyncio.run cancels the handlers that are left.
    server.close()

    elapsed = time.perf_counter() - s
    print("Asyncio Elapsed Time: " + str(elapsed) + " seconds", flush=True)


if __name__ == "__main__":
    asyncio.run(main_async())
