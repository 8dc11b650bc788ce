#!/usr/bin/env bash
# Installs the autograder, once, when the image is built: as root, with the network.
#
# Everything goes to /opt/autograder. The virtual environment there can be read by every user, since
# submissions run in it as users of their own; the grader and the reference can be read by root alone.
# The system's Python stays as it is: the platform needs it.
set -euo pipefail

SOURCE="$(cd "$(dirname "$0")" && pwd)"
HOME_OF_GRADER=/opt/autograder
APP="$HOME_OF_GRADER/app"

# What a base image may set: it would install elsewhere, or bring modules of another Python.
unset PYTHONHOME PYTHONPATH PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV

# The sources hold the solution, wherever the platform has put them.
chmod -R go-rwx "$SOURCE"

if ! python3 -I -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
    python3 python3-venv ca-certificates
  rm -rf /var/lib/apt/lists/*
fi
python3 -I -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
  echo "Python 3.10 or newer is needed; the newest base images have it." >&2
  exit 1
}

umask 022
rm -rf "$HOME_OF_GRADER"
mkdir -p "$APP"
chmod 755 "$HOME_OF_GRADER"
chmod 700 "$APP"
cp -R "$SOURCE/grader" "$SOURCE/fault.json" "$APP/"
# The reference is beside the grader, unless the assignment has it in its own folder.
if [ -d "$SOURCE/reference" ]; then
  cp -R "$SOURCE/reference" "$APP/"
fi
chmod -R go-rwx "$APP"

python3 -I -m venv "$HOME_OF_GRADER/venv"
PYTHON="$HOME_OF_GRADER/venv/bin/python"
"$PYTHON" -I -m pip install --quiet --no-cache-dir --disable-pip-version-check \
  --requirement "$SOURCE/requirements.txt"
"$PYTHON" -I -m compileall -q "$HOME_OF_GRADER/venv" || true

# An image that cannot grade must not be built.
(cd "$APP" && "$PYTHON" -B -m grader doctor)
