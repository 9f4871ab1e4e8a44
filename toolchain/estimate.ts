import type { DockerState } from "./docker";
import type { Part } from "./closedNetwork/parts";

/** What a machine lacks. */
export interface Lacking {
    readonly docker: DockerState;
    readonly needsBaseImage: boolean;
    /** Pulumi and its plugins are downloaded. */
    readonly download: boolean;
    /** What Go has to build. */
    readonly build: readonly Part[];
}

/** Seconds on an idle machine, measured: docs/decisions/0002-closed-network.md. */
const seconds = {
    installDocker: 25,
    startDocker: 3,
    baseImage: 60,
    download: 60,
    goModules: 45,
    firstUp: 80,
};

/** Go's builds use so many cores: where there are more, they wait for one another. */
const usefulCores = 6;

/** One line for before the work: what is missing, and how long it takes. */
export function expectation(lacking: Lacking, cores: number): string {
    const missing = [
        ...(lacking.docker === "install" ? ["Docker Engine"] : []),
        ...(lacking.docker === "start" ? ["a running Docker Engine"] : []),
        ...(lacking.needsBaseImage ? ["the base image"] : []),
        ...(lacking.download ? ["Pulumi"] : []),
        ...(lacking.build.length > 0 ? [`${programs(lacking.build.length)}, which Go builds here`] : []),
    ];
    if (missing.length === 0)
        return "Nothing is missing on this machine: seconds when the stack is up, about two minutes when it is new.";
    const minutes = Math.ceil(totalSeconds(lacking, cores) / 60);
    const long = minutes === 1 ? "a minute" : `${minutes} minutes`;
    return `Missing on this machine: ${missing.join(", ")}. With the stack that is about ${long} on ${cores === 1 ? "one core" : `${cores} cores`}; the next time only seconds.`;
}

function programs(count: number): string {
    return count === 1 ? "a program of Pulumi's" : `${count} programs of Pulumi's`;
}

/** Lanes run side by side, but the Go builds leave nothing of the processor to the others: they add up. */
function totalSeconds({ docker, needsBaseImage, download, build }: Lacking, cores: number): number {
    const processor = build.reduce((sum, part) => sum + part.processorSeconds, 0);
    return (
        (docker === "install" ? seconds.installDocker : 0) +
        (docker === "ready" ? 0 : seconds.startDocker) +
        (needsBaseImage ? seconds.baseImage : 0) +
        (download ? seconds.download : 0) +
        (build.length > 0 ? seconds.goModules : 0) +
        processor / Math.min(Math.max(cores, 1), usefulCores) +
        seconds.firstUp
    );
}
