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
