#!/bin/sh
# Drills: restores the newest state of the repository on a scratch volume, tries it, and notes what it has found; a program of Node.js,
# made from service/drill/.
#   drill-database.sh serve SERVER-ARGUMENT...  a drill whenever the backup service or somebody by hand wants one, until it is told to end
#   drill-database.sh run                       one now, and how far it is; exit status 0: passed, 1: not, 2: it has not begun
#   drill-database.sh stop                      ends the one that runs
#   drill-database.sh list                      those that were, as JSON
#   drill-database.sh show                      the one that runs, as JSON
set -eu
umask 0027
exec chrt --idle 0 ionice -c 3 node --max-semi-space-size=1 --max-old-space-size=128 /usr/local/bin/drill-database.cjs "$@"
