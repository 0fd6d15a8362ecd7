"""Serving Clients, beyond the document: a server greets four clients at the same time.

python3 examples-threading/src/beyond/server/python.py
"""

import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress


def print(line):
    # Writes text and newline in one call. The built-in print writes them separately, so the lines
    # of several threads can mix. Output into a pipe is block-buffered, so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def greeting_with_sleep(connection):
    with connection, connection.makefile("rb") as reader, suppress(OSError, ValueError):
        connection.settimeout(10)  # for a client that is silent
        line = reader.readline(1000)  # The line may come in pieces.
        if line.endswith(b"\n"):  # Otherwise the client has left, or its line is too long.
            print(line[:-1].decode())
            time.sleep(2)
            connection.sendall(line[:-1] + b" says hello!\n")  # An error ends only this handler.


def client(address, string):
    with socket.create_connection(address) as connection, connection.makefile("rb") as reader:
        connection.sendall(string.encode() + b"\n")
        print(next(reader).decode().rstrip())  # raises StopIteration if there is none


def accept(listener, stop):
    while not stop.is_set():
        with suppress(OSError, RuntimeError):  # of one client, or too many files or threads
            connection, _ = listener.accept()
            threading.Thread(target=greeting_with_sleep, args=(connection,), daemon=True).start()


def main_threading():
    s = time.perf_counter()
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as executor:
        server = threading.Thread(target=accept, args=(listener, stop), daemon=True)
        server.start()
        greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
        list(executor.map(client, [listener.getsockname()] * 4, greetings))
        stop.set()  # Closing the listener does not end accept(), but a connection wakes it.
        socket.create_connection(listener.getsockname()).close()
        server.join()
    elapsed = time.perf_counter() - s
    print("Threading Elapsed Time: " + str(elapsed) + " seconds")


if __name__ == "__main__":
    main_threading()
