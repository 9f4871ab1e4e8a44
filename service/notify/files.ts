import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NOTIFY, type Notify, readNotify } from "../../components/notify/wish";
import { isMissing } from "../files";

/** Who is told by the revision in a directory; throws where that cannot be read. */
export function readWish(directory: string): Notify | undefined {
    let json: string;
    try {
        json = readFileSync(join(directory, "files", NOTIFY), "utf8");
    } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
    }
    const wish = readNotify(json);
    if (wish === undefined) throw new Error(`${NOTIFY}: is not what this version of the service reads`);
    return wish;
}
