"""Kills whoever writes an output of `ocrvl batch` and has come to a FIFO that nobody reads.

batch_writers.py SIGNAL KILLS all|worker PROGRAM ARG...: runs the program, and sends the signal so many times to the worker that hangs
there, or to the whole job, which is then begun again. Prints the exit status of the last run; ends with 1 if nothing hung."""
import os
import signal
import subprocess
import sys
import time

number, kills, whole, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "all", sys.argv[4:]


def children(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            return [int(p) for p in f.read().split()]
    except OSError:
        return []


def is_hung(pid):
    """whether the process waits for the other end of a FIFO: its system call is an open"""
    try:
        with open("/proc/%d/wchan" % pid) as f:
            where = f.read()
        with open("/proc/%d/syscall" % pid) as f:
            call = f.read().split()[0]
    except OSError:
        return False
    return where in ("wait_for_partner", "fifo_open") or (where in ("", "0") and call in ("2", "257", "56"))


p, done = None, 0
while True:
    p = p or subprocess.Popen(command, start_new_session=True)
    began = time.time()
    while p.poll() is None and time.time() - began < 120:
        hung = [c for c in children(p.pid) if is_hung(c)] if done < kills else []
        if hung:
            time.sleep(0.05)
            hung = [c for c in hung if is_hung(c)]
        if hung:
            done += 1
            os.killpg(p.pid, number) if whole else os.kill(hung[0], number)
            began = time.time()
            while whole and p.poll() is None:
                time.sleep(0.01)
            while not whole and is_hung(hung[0]):
                time.sleep(0.01)
        time.sleep(0.02)
    if p.poll() is None:
        os.killpg(p.pid, signal.SIGKILL)
        print("nothing came of it")
        sys.exit(1)
    if whole and done < kills:
        p = None
        continue
    if whole and p.returncode < 0:
        p = None
        continue
    print(p.returncode)
    sys.exit(done < kills)
