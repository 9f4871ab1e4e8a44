import { attempt } from "../run";
import { type Environment, findStack } from "./findStack";
import type { Operation } from "./operation";
import { answerOf, type Verdict } from "./verdict";

export const packages: Operation = {
    name: "packages verify",
    summary: "Is there a newer PostgreSQL or pgBackRest than the stack runs?",
    examples: ["packages verify", "packages verify --stack prod --json"],
    statuses: [
        "they are the newest",
        "there are newer ones, which are named, and how to get them",
        "it cannot be told",
    ],
    run: async ({ directory, stack, environment }) =>
        answerOf(await verifyPackages(directory, stack, environment)),
};

/** What the image is renewed for at once; the rest comes along. */
const OURS = /^(postgresql|pgbackrest)/;

export interface Newer {
    readonly name: string;
    readonly installed: string;
    readonly available: string;
}

/** What `apt-get --simulate upgrade` would bring. */
export function readUpgrades(output: string): readonly Newer[] {
    return [...output.matchAll(/^Inst (\S+) \[([^\]]+)\] \((\S+) /gm)].map(
        ([, name = "", installed = "", available = ""]) => ({ name, installed, available }),
    );
}

/** @param image what `pgbackrest:image` names; empty: the program builds it */
export function packagesVerdict(newer: readonly Newer[], stack: string, image: string): Verdict {
    const ours = newer.filter(({ name }) => OURS.test(name));
    const others = newer.length - ours.length;
    const rest =
        others === 0
            ? []
            : [
                  `${others} other ${others === 1 ? "package has a newer version" : "packages have newer versions"}.`,
              ];
    if (ours.length === 0)
        return { status: 0, lines: [`PostgreSQL of ${stack} is the newest of its major version.`, ...rest] };
    return {
        status: 1,
        lines: [
            `OLD: ${stack} runs older packages than there are:`,
            ...ours.map(({ name, installed, available }) => `  ${name} ${installed}: there is ${available}`),
            ...rest,
            ...renewal(image),
        ],
    };
}

function renewal(image: string): readonly string[] {
    return image === ""
        ? [
              "This builds the image anew with the newest ones; the next `up` restarts PostgreSQL once, and its preview says so:",
              "  date -u +%F >image/packages/as-of",
          ]
        : [
              `The image is ${image}, which this program does not build: build it anew under another name and set pgbackrest:image to that.`,
              "The next `up` restarts PostgreSQL once, and its preview says so.",
          ];
}

/** Asks the sources of packages that the image was built from, in a container of it that is nothing but that. */
export async function verifyPackages(
    directory: string,
    stack: string,
    environment: Environment,
): Promise<Verdict> {
    const cannotTell = (...lines: readonly string[]): Verdict => ({
        status: 2,
        lines: ["CANNOT TELL whether there are newer packages:", ...lines],
    });
    const found = await findStack(directory, stack, environment);
    if (typeof found === "string") return cannotTell(found);
    const docker = (...args: readonly string[]) => attempt("docker", args, { environment: found.engine });
    const { postgres } = found.outputs.containers;
    const image = await docker("container", "inspect", "--format", "{{.Image}}", postgres);
    if (!image.ok) return cannotTell(image.all.trim());
    const sandbox = ["--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
    const script =
        "apt-get --option APT::Sandbox::User=root --option Acquire::Languages=none --option APT::Update::Error-Mode=any --quiet update >&2 && apt-get --simulate upgrade";
    const asked = await docker(
        "run",
        "--rm",
        "--user",
        "0",
        ...sandbox,
        image.stdout.trim(),
        "sh",
        "-c",
        script,
    );
    if (!asked.ok) return cannotTell(...asked.all.trim().split("\n").slice(-3));
    return packagesVerdict(readUpgrades(asked.stdout), stack, found.image);
}
