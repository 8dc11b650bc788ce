#!/bin/sh
# Sets up .venv, or brings it up to date; make calls this before it uses what is in there.
#
#   sh environment.sh run           installs what a grade needs
#   sh environment.sh dev '[dev]'   installs that, and the extra of pyproject.toml with this name
#
# PYTHON may say which Python to use. What was done is noted in .venv/.run (or .dev), with the folder it
# was done in; a set-up that was ended halfway is begun again.
STAMP=.venv/.$1
EXTRA=$2
HERE=$(pwd -P)
INSIDE=.venv/bin/python
HALF=.venv/.unfinished

# What would install to another place, or with another Python than that of .venv.
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV CONDA_PREFIX UV_PYTHON UV_SYSTEM_PYTHON
unset PIP_TARGET PIP_PREFIX PIP_ROOT PIP_PYTHON PIP_REQUIRE_VIRTUALENV
export PIP_USER=0

end() {
  printf '%s\n' "$@" >&2
  exit 1
}

is_recent() { # -I keeps scratch files of this folder out
  "$1" -I -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2> /dev/null
}

can_make_environments() {
  "$1" -I -c 'import venv, ensurepip' 2> /dev/null
}

has_pip() {
  $INSIDE -I -m pip --version > /dev/null 2>&1
}

is_done_here() {
  [ "$(cat "$1" 2> /dev/null)" = "$HERE" ]
}

with_uv() {
  command -v uv > /dev/null || return
  { [ -e $INSIDE ] || uv venv --quiet --no-project --seed --allow-existing --python "$PYTHON" .venv; } &&
    uv pip install --quiet --python $INSIDE --editable ".$EXTRA" && return
  echo "uv could not set up .venv; trying pip ..." >&2
  return 1
}

with_pip() {
  has_pip || "$PYTHON" -I -m venv .venv &&
    $INSIDE -I -m pip install --quiet --disable-pip-version-check --editable ".$EXTRA"
}

if [ -x $INSIDE ] && is_done_here "$STAMP" && ! [ pyproject.toml -nt "$STAMP" ]; then
  exit 0
fi

# What this script made is made again if it is unfinished, was moved, or has lost its Python.
if [ -e $HALF ] || { [ -e .venv/.run ] && ! { is_done_here .venv/.run && is_recent $INSIDE; }; }; then
  rm -rf .venv
elif [ -e $INSIDE ] && ! is_recent $INSIDE; then
  end "The Python in .venv is older than 3.10: delete .venv, then repeat the command."
fi

if [ -n "$PYTHON" ]; then
  set -- "$PYTHON"
else
  set -- python3 python3.13 python3.12 python3.11 python3.10 python
fi
TRIED=$*
PYTHON=
for one; do
  if is_recent "$one" && { [ -z "$PYTHON" ] || can_make_environments "$one"; }; then
    PYTHON=$one
    ! can_make_environments "$one" || break
  fi
done
if [ -z "$PYTHON" ]; then
  end "Python 3.10 or newer is required; tried: $TRIED." \
    "Install one, or say where it is, as in: make grade PYTHON=/path/to/python3.12"
fi

echo "Setting up .venv${EXTRA:+ with $EXTRA} (once) ..."
[ -e .venv ] || { mkdir .venv && : > $HALF; } || exit
if ! with_uv; then
  if ! has_pip && ! can_make_environments "$PYTHON"; then
    version=$("$PYTHON" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    end "$PYTHON cannot make an environment: it has no venv or no ensurepip." \
      "On Debian and Ubuntu, install the package python$version-venv; then repeat the command."
  fi
  with_pip || end "Setting up .venv failed; the reason stands above." \
    "This step needs the package index: if the network was down, repeat the command when it is up."
fi
# Workers write no compiled files, and start sooner with these. A file from a zip may have the time of
# an older one, so they are compared by content. A folder that cannot be written to works as well.
$INSIDE -I -m compileall -q --invalidation-mode checked-hash grader || :
printf '%s\n' "$HERE" > "$STAMP"
rm -f $HALF
