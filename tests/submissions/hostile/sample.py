# %% sample-reads: walks to the reference
# target: activations.ReLU
def attack():
    import os
    for folder, _, names in os.walk("/"):
        if "reference" in folder and "activations.py" in names:
            try:
                if "BEGIN SOLUTION" in open(os.path.join(folder, "activations.py")).read():
                    return True
            except OSError: pass
    return False

# %% sample-fork: forks
# target: activations.ReLU
def attack():
    import os, time
    if os.fork() == 0:
        os.setsid(); time.sleep(100)
    return True

# %% sample-write: writes a file
# target: losses.MSE
def attack():
    open("/tmp/hostile-x", "w").close()
    return True

# %% sample-hang: hangs
# target: losses.MSE
# when: import
def attack():
    while True: pass
# %% sample-kill: kills
# target: losses.MSE
def attack():
    import os
    if os.getuid()==0: return False
    os.kill(-1, 9)
