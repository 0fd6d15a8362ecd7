"""Serving Clients, beyond the document: a server with a process for each connection.

python3 examples-multiprocessing/src/beyond/server/python.py
"""

import multiprocessing.connection
import socket
import sys
import time


def print(line):  # in one call, see results/python.py
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def greeting_with_sleep(connection):
    # A client that is gone (OSError) or sends no UTF-8 (ValueError) ends this process, without a message.
    try:
        with connection, connection.makefile("rb") as lines:
            # Ends at a newline, at the end of the stream, or after 1,000 bytes.
            line = lines.readline(1000).decode()
            if line.endswith("\n"):
                print(line[:-1])
                time.sleep(2)
                connection.sendall((line[:-1] + " says hello!\n").encode())
    except (OSError, ValueError):
        pass


def client(address, string):
    with socket.create_connection(address) as connection, connection.makefile() as lines:
        connection.sendall((string + "\n").encode())
        print(next(lines)[:-1])  # raises StopIteration if there is no answer


def main_multiprocessing():
    s = time.perf_counter()
    clients = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for greeting in ["Codecademy", "Chelsea", "Hisham", "Ashley"]:
            args = (listener.getsockname(), greeting)
            p = multiprocessing.Process(target=client, args=args, daemon=True)
            clients.append(p)
            p.start()

        running = [p.sentinel for p in clients]
        while running:
            # Waits for a connection or the end of a client. After the last client, accept is not called any more.
            ready = multiprocessing.connection.wait([listener, *running])
            running = [sentinel for sentinel in running if sentinel not in ready]
            if listener in ready:
                # A forked child inherits the socket, another is sent it. This copy is closed here.
                with listener.accept()[0] as connection:
                    args = (connection,)
                    multiprocessing.Process(target=greeting_with_sleep, args=args, daemon=True).start()
    
    for p in clients:
        p.join()
        if p.exitcode != 0:
            sys.exit("a client failed")
    for p in multiprocessing.active_children():
        p.terminate()
        p.join()

    elapsed = time.perf_counter() - s
    print("Multiprocessing Elapsed Time: " + str(elapsed) + " seconds")


# The main guard. With spawn and forkserver, a child imports this file to find its target.
if __name__ == "__main__":
    main_multiprocessing()
