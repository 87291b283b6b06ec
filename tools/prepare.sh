#!/usr/bin/env bash
# Makes a machine ready: system libraries by apt (when root; otherwise says the exact line and stops), then .venv
# from the lock. Usage: tools/prepare.sh run|dev|bench
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-run}
say() { printf '%s\n' "$*" >&2; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c \
      'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  say "WanGrid needs Python 3.11, 3.12 or 3.13 (set PYTHON=/path/to/python3 if it has another name)."
  exit 1
}

# What Qt, matplotlib and the tests load from the system, as library:package of Debian 12.
libraries="libEGL.so.1:libegl1 libGL.so.1:libgl1 libxkbcommon.so.0:libxkbcommon0 libdbus-1.so.3:libdbus-1-3
libfontconfig.so.1:libfontconfig1 libglib-2.0.so.0:libglib2.0-0 libexpat.so.1:libexpat1"
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  libraries="$libraries libxcb-cursor.so.0:libxcb-cursor0 libxkbcommon-x11.so.0:libxkbcommon-x11-0
  libxcb-icccm.so.4:libxcb-icccm4 libxcb-image.so.0:libxcb-image0 libxcb-keysyms.so.1:libxcb-keysyms1
  libxcb-render-util.so.0:libxcb-render-util0 libxcb-xinerama.so.0:libxcb-xinerama0"
fi

missing_packages() {
  local pair known
  known=$( (/sbin/ldconfig -p 2>/dev/null || ldconfig -p) | awk '{print $1}')
  for pair in $libraries; do
    grep -qxF "${pair%%:*}" <<<"$known" || echo "${pair##*:}"
  done
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
  if [ "$what" != run ]; then
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql-15
    ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1 || echo postgresql-15-postgis-3
  fi
  if [ "$what" = bench ]; then
    command -v ogr2ogr >/dev/null 2>&1 || echo gdal-bin
  fi
}

install_system() {
  local packages
  packages=$(missing_packages | sort -u | tr '\n' ' ')
  [ -z "${packages// /}" ] && return
  if ! command -v apt-get >/dev/null 2>&1; then
    say "Missing on this system (Debian names): $packages"
    say "Install their counterparts and run this again."
    exit 1
  fi
  if [ "$(id -u)" != 0 ]; then
    say "Missing system packages. Please run, then try again:"
    say "  sudo apt-get install -y --no-install-recommends $packages"
    exit 1
  fi
  say "Installing $packages"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # shellcheck disable=SC2086
  apt-get install -y -qq --no-install-recommends $packages >/dev/null
}

install_python_packages() {
  local lock stamp
  case $what in
    run) lock=requirements.lock ;;
    dev) lock=requirements-dev.lock ;;
    bench) lock=requirements-bench.lock ;;
    *) say "tools/prepare.sh run|dev|bench"; exit 2 ;;
  esac
  stamp=.venv/.installed-$what
  [ -f "$stamp" ] && cmp -s "$lock" "$stamp" && return
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  say "Installing Python packages of $lock into .venv"
  .venv/bin/python -m pip install -q --disable-pip-version-check -r "$lock" 2> >(grep -v '^WARNING: Location' >&2)
  cp "$lock" "$stamp"
}

python=$(find_python)
if [ "$(uname -s)" = Linux ]; then install_system; fi
install_python_packages
