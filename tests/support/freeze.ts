import { mustDocker } from "./docker";

/** What is seen of a process (`$line` is its command line) that restores files, some of which are there; and of one that replays WAL. */
const SEEN = {
    restore: `[ "$(cat "$process/comm")" = pgbackrest ] && grep -qzx restore "$process/cmdline" && [ -n "$(find $data/base -type f -print -quit)" ]`,
    replay: `[[ $line =~ ^postgres:\\ startup\\ +(recovering|waiting) ]]`,
} as const;

/** Waits until the container of a restore is at one of its two works, and stops the process that does it: there it stays. */
export async function freeze(container: string, work: keyof typeof SEEN, host?: string): Promise<void> {
    const script = `data=/var/lib/postgresql/data
        for (( ; ; )); do
            for process in /proc/[0-9]*; do
                { IFS= read -r -d '' line <"$process/cmdline" || [ -n "$line" ]; } 2>/dev/null || continue
                { ${SEEN[work]}; } 2>/dev/null || continue
                kill -STOP "\${process#/proc/}" && exit
            done
        done`;
    await mustDocker(["exec", container, "bash", "-c", script], { host });
}
