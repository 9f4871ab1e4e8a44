/** What PostgreSQL's log says of a recovery, line by line, in English and without a prefix. */
export class RecoveryLog {
    /** Segments that were replayed, and the last of them. */
    segments = 0;
    segment = "";
    /** It has nothing more to replay. */
    isWaiting = false;
    /** It stands at the target, and can be read. */
    isPaused = false;
    /** It takes connections, of those who only read. */
    isReadable = false;
    /** It takes connections, of those who write, too. */
    isReady = false;
    /** Settings are too small for what the server that wrote the WAL had: greater ones are known with the next start. */
    isTooSmall = false;
    /** The timeline that begins here. */
    newTimeline: number | undefined;
    /** Time of the last commit, as PostgreSQL writes it. */
    lastCommit: string | undefined;
    /** Why it ended; or nothing. */
    failure = "";

    take(line: string): void {
        const segment = /restored log file "([0-9A-F]{24})" from archive/.exec(line)?.[1];
        if (segment !== undefined) {
            this.segments++;
            this.segment = segment;
            this.isWaiting = false;
        }
        if (line.includes("waiting for WAL to become available")) this.isWaiting = true;
        if (line.includes("pausing at the end of recovery")) this.isPaused = true;
        if (line.includes("because of insufficient parameter settings")) this.isTooSmall = true;
        if (line.includes("database system is ready to accept read-only connections")) this.isReadable = true;
        if (line.includes("database system is ready to accept connections")) this.isReady = true;
        const timeline = /selected new timeline ID: (\d+)/.exec(line)?.[1];
        if (timeline !== undefined) this.newTimeline = Number(timeline);
        const commit = /last completed transaction was at log time (.+)$/.exec(line)?.[1];
        if (commit !== undefined) this.lastCommit = commit;
        const failure = /^(?:FATAL|PANIC): {2}(.+)$/.exec(line)?.[1];
        // The first is the cause of the others, unless somebody was only turned away.
        if (failure !== undefined && this.failure === "" && !failure.startsWith("the database system is"))
            this.failure = failure;
    }
}
