# For the other scripts, which read this with `.`: installs Debian's packages, only those that are
# not there yet.
#
#   need FILE PACKAGE    PACKAGE is missing where FILE is not there
#   install_needed       installs what is missing
# shellcheck shell=sh

missing=
need() {
    [ -e "$1" ] || missing="$missing $2"
}

install_needed() {
    [ -n "$missing" ] || return 0
    echo "installing$missing"
    as=
    [ "$(id -u)" = 0 ] || as=sudo
    $as apt-get update -q
    # The list of packages is several words on purpose.
    # shellcheck disable=SC2086
    $as env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
}
