#!/usr/bin/env bash
# Installs what `make test` needs besides npm packages: Chromium for the page, zsh and fish for completion.
# Prints what it will install first, and skips what this machine already has.
set -euo pipefail

packages=() shells=()
if [ -z "${CHROME_PATH:-}" ]; then
  found=
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null; then found=$name; break; fi
  done
  [ -n "$found" ] || packages+=(chromium)
fi
for shell in zsh fish; do command -v "$shell" >/dev/null || shells+=("$shell"); done
[ "${RETAIL_SHELLS:-}" != skip ] || shells=()

[ $((${#packages[@]} + ${#shells[@]})) -gt 0 ] || exit 0
if ! command -v apt-get >/dev/null; then
  [ ${#shells[@]} -eq 0 ] || echo "make test: not installed: ${shells[*]}. Their completion is NOT tested." >&2
  [ ${#packages[@]} -eq 0 ] || { echo 'make test needs Chromium: install it, or set CHROME_PATH' >&2; exit 3; }
  exit 0
fi

cat >&2 <<END
make test installs outside this project, with apt-get: ${packages[*]:-} ${shells[*]:-}
  To use your own browser, stop now (Ctrl-C) and set CHROME_PATH=/path/to/chromium.
  To leave zsh and fish out, set RETAIL_SHELLS=skip.
END
apt-get update -qq || true
if [ ${#packages[@]} -gt 0 ]; then
  apt-get install -y -qq "${packages[@]}" >/dev/null ||
    { echo 'make test needs Chromium: install it, or set CHROME_PATH' >&2; exit 3; }
fi
if [ ${#shells[@]} -gt 0 ]; then
  apt-get install -y -qq "${shells[@]}" >/dev/null ||
    echo "make test: cannot install ${shells[*]}. Their completion is NOT tested." >&2
fi
