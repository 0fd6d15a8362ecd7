"""Serving Clients, beyond the document: a server with a process for each connection.

python3 examples-multiprocessing/src/beyond/server/python.py
"""

import multiprocessing
import multiprocessing.connection
import socket
import sys
import time


def print(line):
    # Writes text and newline in one call. With `python -u`, the built-in print writes them
    # separately, so the lines of several processes can mix. Output into a pipe is block-buffered,
    # so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def greeting_with_sleep(connection):
    try:
        with connection, connection.makefile("rb") as lines:
            # Returns a line. At the end of file or after 1,000 bytes, it may be only part of one.
            line = lines.readline(1000).decode()
            if line.endswith("\n"):
                print(line[:-1])
                time.sleep(2)
                connection.sendall((line[:-1] + " says hello!\n").encode())
    except (OSError, ValueError):
        pass  # The client is gone, or its message is not UTF-8. The other handlers go on.


def client(address, string):
    with socket.create_connection(address) as connection, connection.makefile() as lines:
        connection.sendall((string + "\n").encode())
        print(next(lines)[:-1])  # Without an answer, next() raises StopIteration.


def main_multiprocessing():
    s = time.perf_counter()
    clients = []
    with socket.create_server(("127.0.0.1", 0)) as listener:  # Port 0 is any free port.
        for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"]:
            # At exit, also after an exception, the interpreter terminates a daemon process.
            args = (listener.getsockname(), greeting)
            p = multiprocessing.Process(target=client, args=args, daemon=True)
            clients.append(p)
            p.start()

        running = [p.sentinel for p in clients]
        while running:
            # Waits for a connection or the end of a client, so accept() never blocks. After the
            # last client, the loop stops.
            ready = multiprocessing.connection.wait([listener, *running])
            running = [sentinel for sentinel in running if sentinel not in ready]
            if listener in ready:
                # A child inherits the socket (fork) or is sent it. This closes the parent's copy.
                with listener.accept()[0] as connection:
                    p = multiprocessing.Process(
                        target=greeting_with_sleep, args=(connection,), daemon=True
                    )
                    p.start()

    for p in clients:
        p.join()
        if p.exitcode != 0:
            sys.exit("a client failed")
    # Joins the handlers that have ended, and returns those of silent clients.
    for p in multiprocessing.active_children():
        p.terminate()
        p.join()

    elapsed = time.perf_counter() - s
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds")


# The main guard. With the start methods spawn and forkserver, a child imports this file to find its
# target. Without the guard, the import would start processes, too, and raise a RuntimeError.
if __name__ == "__main__":
    main_multiprocessing()
