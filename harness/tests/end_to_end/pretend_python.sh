#!/bin/sh
# Tells its version like a Python. Told to run a program, it does what $PRETEND says.
if [ "$1" = -c ]; then
    echo "${VERSION:-3 11 7} $0"
    exit
fi
case $PRETEND in
hang) # with a child in the same process group and, where that can be done, one outside of it
    sleep 1000 &
    child=$!
    setsid sleep 1000 &
    echo $$ $child $! >>"$LOG"
    wait
    ;;
orphan)
    sleep 1000 &
    echo "error: it went wrong" >&2
    exit 1
    ;;
crowd) # of four; with more of them it hangs
    if [ "$3" = 4 ]; then
        echo "Asyncio Elapsed Time: 2.5 seconds"
    else
        echo $$ >>"$LOG"
        sleep 1000
    fi
    ;;
cores)
    echo "Rounds: 10000, each time with the result ${RESULT:-399268537}"
    echo "One after another: 1.0 seconds"
    echo "Side by side: 0.5 seconds, speed-up 2.00"
    echo "On other threads: 0.25 seconds, speed-up 4.00"
    ;;
fail)
    echo hello
    echo oops >&2
    exit 3
    ;;
log)
    echo begin >>"$LOG"
    sleep 0.1
    echo end >>"$LOG"
    ;;
esac
