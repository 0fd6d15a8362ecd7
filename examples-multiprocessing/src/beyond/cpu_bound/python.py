"""CPU-bound Work, beyond the document: do processes compute in parallel?

python3 examples-multiprocessing/src/beyond/cpu_bound/python.py
"""

import argparse
import multiprocessing
import sys
import time


def print(line):
    # Writes text and newline in one call. With `python -u`, the built-in print writes them
    # separately, so the lines of several processes can mix. Output into a pipe is block-buffered,
    # so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def compute(rounds):
    # The Park-Miller random number generator. Each round needs the result of the one before it, so
    # the rounds cannot overlap.
    x = 1
    for _ in range(rounds):
        x = x * 48271 % 2147483647
    return x


def compute_and_send(rounds, sender):
    sender.send(compute(rounds))


def sequential(rounds):
    return [compute(rounds) for _ in range(4)]


def concurrent(rounds):
    processes = []
    for _ in range(4):
        # A process shares no memory with its parent, so it sends its result.
        receiver, sender = multiprocessing.Pipe(duplex=False)
        p = multiprocessing.Process(target=compute_and_send, args=(rounds, sender))
        p.start()
        # The child has its own copy. While the parent's copy is open, recv() raises no EOFError.
        sender.close()
        processes.append((p, receiver))

    results = []
    failed = None
    for process, receiver in processes:
        try:
            results.append(receiver.recv())
        except EOFError:
            failed = process
        process.join()
    if failed is not None:
        sys.exit("error: a process ended without a result, exit code " + str(failed.exitcode))
    return results


def main_multiprocessing(rounds):
    s = time.perf_counter()
    results = sequential(rounds)
    serial = time.perf_counter() - s

    s = time.perf_counter()
    results += concurrent(rounds)
    parallel = time.perf_counter() - s

    if results != [results[0]] * 8:
        sys.exit("error: the computations returned different results: " + str(results))
    print("Rounds: " + str(rounds) + ", each time with the result " + str(results[0]))
    print("Sequential: " + str(serial) + " seconds")
    # Each process has its own interpreter with its own lock, so Python uses all cores.
    speed_up = format(serial / parallel, ".2f")
    print("Concurrent: " + str(parallel) + " seconds, speed-up " + speed_up)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    # Rust computes 80 million rounds in the same time.
    parser.add_argument("--rounds", type=int, default=3_000_000, help="rounds per computation")
    rounds = parser.parse_args().rounds
    if rounds < 1:
        parser.error("argument --rounds: expected a number of 1 or more")
    main_multiprocessing(rounds)
