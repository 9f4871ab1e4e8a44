// npm run lint: types, rules, formatting, shell scripts, Go.
import { exitWith } from "../errors";
import { lint } from "../lint";

exitWith(async () => ((await lint()) ? 0 : 1));
