#!/bin/sh
# Simulates two machines on this one, and runs a command on the first of them:
#
#     machines.sh COMMAND...
#
# A machine is a network namespace with a host name of its own. A bridge joins them. They exist only
# as long as the processes of the command.
set -eu
PATH=$PATH:/usr/sbin:/sbin
script=$(realpath "$0")

case ${1-} in
"")
    echo "usage: machines.sh COMMAND..." >&2
    exit 2
    ;;
--inside)
    shift
    ;;
--enter)
    # mpirun calls this in place of ssh, with the address of a machine and the text of a command.
    machine=machine${2##*.}
    shift 2
    exec ip netns exec "$machine" unshare --uts sh -c 'hostname "$0" && eval "$1"' "$machine" "$*"
    ;;
*)
    # What follows must not be done to the system itself.
    exec unshare --map-root-user --mount --net "$script" --inside "$@"
    ;;
esac

mount -t tmpfs none /run
mkdir /run/netns
ip netns add switch
ip -n switch link add bridge type bridge
ip -n switch link set bridge up
for number in 1 2; do
    ip netns add machine$number
    ip -n switch link add port$number type veth peer name eth0 netns machine$number
    ip -n switch link set port$number master bridge up
    ip -n machine$number address add 192.0.2.$number/24 dev eth0
    ip -n machine$number link set eth0 up
    ip -n machine$number link set lo up
done
# In this user namespace the user is root. mpirun refuses root without these.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_plm_rsh_agent="$script --enter"
exec ip netns exec machine1 unshare --uts sh -c 'hostname machine1 && exec "$@"' sh "$@"
