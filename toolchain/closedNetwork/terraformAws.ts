// The Terraform AWS provider: too large to build here, and many machines have one, because Terraform's users do.
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { compareVersions } from "./goBuild";
import type { Environment } from "../paths";

const PROVIDER = ["registry.terraform.io", "hashicorp", "aws"];
/** The first that knows all that the program makes. */
const OLDEST = "5.86.0";

/** Where Terraform keeps providers: its cache, and the places that it looks for a mirror in. */
function mirrors(environment: Environment): string[] {
    const home = environment["HOME"] ?? homedir();
    const data = environment["XDG_DATA_HOME"] ?? join(home, ".local", "share");
    const shared = (environment["XDG_DATA_DIRS"] ?? "/usr/local/share:/usr/share").split(delimiter);
    return [
        environment["TF_PLUGIN_CACHE_DIR"] ?? join(home, ".terraform.d", "plugin-cache"),
        join(home, ".terraform.d", "plugins"),
        join(data, "terraform", "plugins"),
        ...shared.map((directory) => join(directory, "terraform", "plugins")),
        ...entries("/opt").map((directory) => join("/opt", directory)),
    ];
}

/** The newest one on this machine; nothing when there is none that will do. */
export function findTerraformAws(environment: Environment = process.env): string | undefined {
    const platform = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
    const found = mirrors(environment).flatMap((mirror) =>
        entries(join(mirror, ...PROVIDER)).flatMap((version) =>
            entries(join(mirror, ...PROVIDER, version, platform))
                .filter((file) => file.startsWith("terraform-provider-aws"))
                .map((file) => ({ version, file: join(mirror, ...PROVIDER, version, platform, file) })),
        ),
    );
    return found
        .filter(({ version }) => compareVersions(version, OLDEST) >= 0)
        .sort((a, b) => compareVersions(b.version, a.version))[0]?.file;
}

function entries(directory: string): string[] {
    try {
        return readdirSync(directory);
    } catch {
        return [];
    }
}
