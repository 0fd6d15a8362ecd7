"""Work for the Processor, beyond the document: do processes compute at the same time?

python3 examples-multiprocessing/src/beyond/cpu_bound/python.py
"""

import argparse
import multiprocessing
import sys
import time


def compute(rounds):
    # The random numbers of Park and Miller. Each is computed from the one before, so no round can
    # begin until the last has ended.
    x = 1
    for _ in range(rounds):
        x = x * 48271 % 2147483647
    return x


def compute_and_tell(rounds, sender):
    sender.send(compute(rounds))


def one_after_another(rounds):
    return [compute(rounds) for _ in range(4)]


def side_by_side(rounds):
    processes = []
    for _ in range(4):
        # A process shares no memory with its parent: its result has to be sent.
        receiver, sender = multiprocessing.Pipe(duplex=False)
        p = multiprocessing.Process(target=compute_and_tell, args=(rounds, sender))
        p.start()
        # The child has its own. As long as this one is open, recv() would wait for it, too.
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
    results = one_after_another(rounds)
    serial = time.perf_counter() - s

    s = time.perf_counter()
    results += side_by_side(rounds)
    parallel = time.perf_counter() - s

    if results != [results[0]] * 8:
        sys.exit("error: the same work with different results: " + str(results))
    print("Rounds: " + str(rounds) + ", each time with the result " + str(results[0]))
    print("One after another: " + str(serial) + " seconds")
    # Each process has an interpreter with a lock of its own: this is how Python computes on all
    # cores.
    print("Side by side: " + str(parallel) + " seconds, speed-up", format(serial / parallel, ".2f"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    # Rust does 80 million in that time.
    parser.add_argument("--rounds", type=int, default=3_000_000, help="a quarter second of work")
    rounds = parser.parse_args().rounds
    if rounds < 1:
        parser.error("--rounds: not a number above 0: " + str(rounds))
    main_multiprocessing(rounds)
