"""Kills workers of a run as soon as there are any, before they have begun anything; prints how many.

batch_new.py COORDINATOR MOST [SPARED]: ends when so many were killed, or the run has ended."""
import os
import signal
import sys
import time

run, most, spared = int(sys.argv[1]), int(sys.argv[2]), [int(p) for p in sys.argv[3:]]
killed = set()


def name(pid):
    with open("/proc/%d/comm" % pid) as f:
        return f.read().strip()


while len(killed) < most:
    try:
        with open("/proc/%d/task/%d/children" % (run, run)) as f:
            children = [int(p) for p in f.read().split()]
        with open("/proc/%d/stat" % run) as f:
            if ") Z" in f.read():  # nobody has waited for it yet
                break
    except OSError:
        break
    for pid in children:
        try:
            if pid not in killed and pid not in spared and name(pid) == "exe":
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
        except OSError:
            pass  # it has ended
    time.sleep(0.001)
print(len(killed))
