# shellcheck shell=bash
prove_pgbackrest() { :; }
prove_repositories() { :; }
