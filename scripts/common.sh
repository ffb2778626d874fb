# What the scripts here share: go to the top of the project, say one line, install Debian packages without noise.
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=.venv

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }
fail() { say "$*"; exit 1; }

can_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# apt_install PACKAGE…: quiet, except that a failure shows what apt-get said.
apt_install() {
    local apt=(apt-get -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300) log
    export DEBIAN_FRONTEND=noninteractive
    # An update may fail for one source of many and still bring what is needed; the install decides.
    if [ -z "${apt_updated:-}" ]; then "${apt[@]}" update >/dev/null 2>&1 </dev/null || true; apt_updated=yes; fi
    log=$("${apt[@]}" install "$@" 2>&1 </dev/null) || { printf '%s\n' "$log" | tail -n 20 >&2; return 1; }
}
