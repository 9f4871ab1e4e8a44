#!/bin/bash
# Starts the backup service: stanza, check, first full backup, then full, diff, incr and verify by their schedules, for as long as the
# container lives. It is a program of Node.js, made from service/, which reads the published configuration and writes only the
# repository and its state.
set -euo pipefail
umask 0027
# It works a few milliseconds a second and waits for pgBackRest the rest of its life: small counts, not fast.
exec node --max-semi-space-size=1 --max-old-space-size=48 --optimize-for-size /usr/local/bin/backup-service.cjs
