#!/bin/sh
# Makes what the web desk takes from others: the parts of the US Web Design System that it uses,
# their font, their icons, and htmx. What is made is kept in the repository, so that a build needs
# no network; after a change here or under scripts/vendor/ run this again.
#
#   scripts/vendor.sh            writes it into crates/bailiwick/static
#   scripts/vendor.sh --check    only says whether what is there is what would be made
set -eu
cd "$(dirname "$0")/.."
static=crates/bailiwick/static

case "${1-}" in
"" | --check) ;;
*)
    echo "usage: $0 [--check]" >&2
    exit 2
    ;;
esac

. scripts/packages.sh
need /usr/bin/node nodejs
need /usr/bin/npm npm
install_needed

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
made=$scratch/made
mkdir -p "$made/fonts" "$made/img"

# A locked version, nothing of which is run while it is installed.
cp scripts/vendor/package.json scripts/vendor/package-lock.json "$scratch"
npm ci --prefix "$scratch" --ignore-scripts --no-audit --no-fund --loglevel=error
uswds=$scratch/node_modules/@uswds/uswds

node "$scratch/node_modules/sass/sass.js" --no-source-map --style=compressed --no-charset \
    --load-path="$uswds/packages" scripts/vendor/uswds.scss "$made/uswds.css"

# The images that the style sheet names, and the fonts.
tr '(' '\n' <"$made/uswds.css" | sed -n 's/^"\(img\/[^"]*\)".*/\1/p' | sort -u |
    while read -r name; do
        mkdir -p "$made/$(dirname "$name")"
        cp "$uswds/dist/$name" "$made/$name"
    done
for face in Regular Bold Italic; do
    cp "$uswds/dist/fonts/public-sans/PublicSans-$face.woff2" "$made/fonts"
done

# The icons that the pages name, in one file.
{
    printf '<svg xmlns="http://www.w3.org/2000/svg">\n'
    while read -r icon; do
        sed 's/^<svg[^>]* viewBox=\("[^"]*"\)[^>]*>/<symbol id="'"$icon"'" viewBox=\1>/
            s/<\/svg>$/<\/symbol>/' "$uswds/dist/img/usa-icons/$icon.svg"
        echo
    done <scripts/vendor/icons
    printf '</svg>\n'
} | grep . >"$made/img/sprite.svg"

cp "$scratch/node_modules/htmx.org/dist/htmx.min.js" "$made"

# What comes from others and what is ours lie side by side: only what is made is compared.
(cd "$made" && find . -type f | sort) >"$scratch/files"
if [ "${1-}" = --check ]; then
    differs=
    while read -r name; do
        cmp -s "$made/$name" "$static/$name" || differs="$differs ${name#./}"
    done <"$scratch/files"
    for folder in fonts img/usa-icons img/usa-icons-bg; do
        for file in "$static/$folder"/*; do
            [ -e "$made/${file#"$static"/}" ] || differs="$differs ${file#"$static"/}"
        done
    done
    if [ -n "$differs" ]; then
        echo "$static is not what scripts/vendor.sh makes:$differs" >&2
        exit 1
    fi
    echo "$static is what scripts/vendor.sh makes"
else
    rm -rf "$static/fonts" "$static/img/usa-icons" "$static/img/usa-icons-bg"
    mkdir -p "$static"
    cp -r "$made/." "$static"
    du -a -b "$static" | sort -k 2
fi
