#!/bin/sh
# Restores a database to a moment on an empty volume, or says what that would do; a program of Node.js, made from service/restore/.
#   restore-database.sh run SERVER-ARGUMENT...   to what the variable RESTORE wants, as JSON
#   restore-database.sh look SERVER-ARGUMENT...  shows it where it has paused, read-only, on its own socket
#   restore-database.sh plan [SERVER-ARGUMENT...] <WISH   what that would be, as JSON; changes nothing
set -eu
exec node /usr/local/bin/restore-database.cjs "$@"
