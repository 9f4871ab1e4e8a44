# shellcheck shell=bash
prove_postgresql() { :; }
