#!/bin/sh
# Prints a version like Python, and like Python it needs a PYTHONHOME that exists. As a program, it does
# what the variable PRETEND says. It reads its variables from a file beside it.
folder=$(dirname "$0")
. "$folder/variables"
LOG=$folder/log
if [ "$1" = -c ]; then
    ls "${PYTHONHOME:-/}" >/dev/null && echo "${VERSION:-3 11 7 CPython 3.11.7} $0"
    exit
fi
if [ -n "$HANG_LATER" ]; then # the first program runs, the second hangs
    if [ -e "$LOG" ]; then
        echo $$ >>"$LOG"
        exec sleep 1000
    fi
    : >"$LOG"
fi
case $PRETEND in
hang) # with a child in its process group and, where setsid exists, a child outside of it
    trap 'echo hello' USR1
    sleep 1000 &
    child=$!
    ${PREFIX-setsid} sleep 1000 &
    echo $$ $child $! >>"$LOG"
    ${LINE+echo "$LINE"}
    wait || wait # after the signal, too
    ;;
orphan) # exits with an error before its child does
    sleep 1000 &
    echo "error: it went wrong" >&2
    exit 1
    ;;
cargo) # fails, and leaves a daemon that keeps its stdout open
    sleep 1000 2>/dev/null &
    echo $! "$@" >>"$LOG"
    echo '{"reason": "build-finished", "success": false}'
    exit 101
    ;;
greet)
    echo some_function was called with some_arg
    ;;
crowd)
    echo "Greeters: ${GREETERS:-$3}"
    echo "Asyncio Elapsed Time: 2.5 seconds"
    ;;
cores)
    if [ "$2" = --below ]; then
        grep Cpus_allowed: /proc/$$/status >>"$LOG"
        echo "There are ${PRIMES:-78498} primes below $3"
        exit
    fi
    echo "Rounds: 10000, each time with the result ${RESULT:-399268537}"
    echo "Sequential: 1.0 seconds"
    echo "Concurrent: 0.5 seconds, speed-up ${SPEED_UP:-2.00}"
    echo "On other threads: 0.25 seconds, speed-up 4.00"
    ;;
fail)
    echo hello
    echo oops >&2
    exit 3
    ;;
environment)
    env >"$LOG"
    ;;
late)
    echo run >>"$LOG"
    sleep 2
    printf 'Codecademy\nsays hello!\nMultiprocessing Elapsed Time: 2.0 seconds\n'
    ;;
slow)
    echo run >>"$LOG"
    echo Codecademy
    sleep 3.9
    printf 'says hello!\nMultiprocessing Elapsed Time: 3.9 seconds\n'
    ;;
build) # like cargo, which fails in the end
    sleep 12
    exit 1
    ;;
log)
    echo begin >>"$LOG"
    sleep 0.1
    echo end >>"$LOG"
    ;;
esac
