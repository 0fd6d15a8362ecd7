"""Past One Machine, beyond the document: greet from several machines, with MPI.

mpirun -n 4 python3 -m mpi4py examples-multiprocessing/src/beyond/several_machines/python.py
"""

import argparse
import sys
import time

from mpi4py import MPI  # This initializes MPI, and finalizes it when the program ends.


def print(line):
    # Writes text and newline in one call, so that the lines of several ranks cannot mix. Output
    # into a pipe is block-buffered, so this flushes it.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def greeting_with_sleep(string):
    print(string)
    time.sleep(2)
    return string + " says hello! from " + MPI.Get_processor_name()


def compute(rounds):
    # The Park-Miller random number generator. Each round needs the result of the one before it, so
    # the rounds cannot overlap.
    x = 1
    for _ in range(rounds):
        x = x * 48271 % 2147483647
    return x


def greet(world, greetings):
    s = time.perf_counter()
    is_first = world.Get_rank() == 0
    # A collective: every rank calls it. Each gets one of the names of rank 0, pickled.
    greeting = world.scatter(greetings if is_first else None)
    # Returns a list to rank 0, in the order of the ranks, and None to the others.
    results = world.gather(greeting_with_sleep(greeting))
    if is_first:
        for result in results:
            print(result)
        elapsed = time.perf_counter() - s
        print("MPI Elapsed Time: " + str(elapsed) + " seconds")


def share(world, rounds):
    world.barrier()  # Each rank waits here until all have come.
    s = time.perf_counter()
    results = world.gather(compute(rounds))
    parallel = time.perf_counter() - s
    if world.Get_rank() != 0:
        return

    # This comes last, because a rank that waits in a collective polls, which takes a core.
    s = time.perf_counter()
    results += [compute(rounds) for _ in range(4)]
    serial = time.perf_counter() - s

    if results != [results[0]] * 8:
        raise ValueError("the computations returned different results: " + str(results))
    print("Rounds: " + str(rounds) + ", each time with the result " + str(results[0]))
    print("Alone: " + str(serial) + " seconds")
    speed_up = format(serial / parallel, ".2f")
    print("On four ranks: " + str(parallel) + " seconds, speed-up " + speed_up)


def main_mpi(rounds):
    # This spawns nothing, as multiprocessing would. mpirun has started this program four times, on
    # one machine or on several. Each process runs it from the top, and only its rank differs.
    world = MPI.COMM_WORLD
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
    if world.Get_size() != len(greetings):
        if world.Get_rank() == 0:
            sys.stderr.write("error: expected 4 ranks; start it with mpirun -n 4\n")
        sys.exit(2)
    greet(world, greetings)
    share(world, rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    # Rust computes 80 million rounds in the same time.
    parser.add_argument("--rounds", type=int, default=3_000_000, help="rounds per computation")
    rounds = parser.parse_args().rounds
    if rounds < 1:
        parser.error("argument --rounds: expected a number of 1 or more")
    # If a rank raises an exception, -m mpi4py ends all. Without it, the others would wait forever.
    main_mpi(rounds)
