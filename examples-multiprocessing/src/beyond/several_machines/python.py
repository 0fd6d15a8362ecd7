"""Past One Machine, beyond the document: greet from several machines, with mpi4py.

mpirun -n 4 python3 -m mpi4py examples-multiprocessing/src/beyond/several_machines/python.py

This is MPI: mpirun starts the program four times, on one machine or on several. Each process is a
rank. It runs the program from the top, and only its number differs. In a collective all ranks take
part, and one of them may be the root, which sends to all or receives from all.

multiprocessing would start the processes, give each a target function, and join it. Here there is
no parent and no target, and collectives take the place of join() and of pipes.
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
    is_root = world.Get_rank() == 0
    # A collective: every rank makes this call. Each gets one of the root's names, pickled.
    greeting = world.scatter(greetings if is_root else None)
    # The root gets a list in the order of the ranks, and the others get None.
    results = world.gather(greeting_with_sleep(greeting))
    if not is_root:
        return

    for result in results:
        print(result)
    elapsed = time.perf_counter() - s
    print("MPI Elapsed Time: " + str(elapsed) + " seconds")


def compute_in_parallel(world, rounds):
    world.barrier()  # Waits until every rank has called it.
    s = time.perf_counter()
    # The root computes a share, too. In cpu-bound, the parent only waits.
    results = world.gather(compute(rounds))
    parallel = time.perf_counter() - s
    if world.Get_rank() != 0:
        return

    # This comes last. Before it, the other ranks would wait in gather, where they poll, each on a
    # core. Now they wait at the end of the program, where they do not.
    s = time.perf_counter()
    results += [compute(rounds) for _ in range(4)]
    serial = time.perf_counter() - s

    if results != [results[0]] * 8:
        sys.exit("error: the computations returned different results: " + str(results))
    print("Rounds: " + str(rounds) + ", each time with the result " + str(results[0]))
    print("Sequential: " + str(serial) + " seconds")
    speed_up = format(serial / parallel, ".2f")
    print("On four ranks: " + str(parallel) + " seconds, speed-up " + speed_up)


def main_mpi(rounds):
    world = MPI.COMM_WORLD  # All ranks.
    greetings = ["Codecademy", "Chelsea", "Hisham", "Ashley"]
    if world.Get_size() != len(greetings):
        if world.Get_rank() == 0:
            sys.exit("error: expected 4 ranks; start it with mpirun -n 4")
        return
    greet(world, greetings)
    compute_in_parallel(world, rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    # Rust computes 80 million rounds in less time.
    parser.add_argument("--rounds", type=int, default=3_000_000, help="rounds per computation")
    rounds = parser.parse_args().rounds
    if rounds < 1:
        parser.error("argument --rounds: expected a number of 1 or more")
    # An exception in one rank ends all, because of -m mpi4py. Without it, the rank would wait for
    # the others at the end of the program, and they for it.
    main_mpi(rounds)
