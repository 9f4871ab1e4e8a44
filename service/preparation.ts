import { rememberPlaces } from "../components/protection/state";
import type { Journal } from "./journal";
import type { Plan } from "./plan";
import { type Meanwhile, POLL, type Runner } from "./runner";
import { makeStanza } from "./stanza";
import type { OfOne, World } from "./world";

/** What a new revision needs before backups can be taken: the stanza, and proof that WAL arrives in the repository. */
export class Preparation {
    constructor(
        private readonly world: World,
        private readonly journal: Journal,
        private readonly runner: Runner,
        private readonly plan: Plan,
        private readonly meanwhile: Pick<Meanwhile, "tick" | "activity">,
    ) {}

    /** PostgreSQL and the role that apply makes. Quiet: this is how every first start begins. Is that revision still the one that counts then? */
    async waitForDatabase({ name }: OfOne): Promise<boolean> {
        while (!(await this.world.databaseAnswers())) {
            this.meanwhile.activity(
                "waiting for PostgreSQL and its role pgbackrest (the apply container makes it)",
            );
            await this.meanwhile.tick();
            await this.world.sleep(POLL);
            const now = this.world.published();
            if (typeof now !== "object" || now.name !== name) return false;
        }
        return true;
    }

    /** Gives what is wrong: nothing when it was ended on purpose. */
    async make(revision: OfOne): Promise<string | undefined> {
        const { name, repository } = revision;
        this.meanwhile.activity(`configuration ${name}: making sure of the stanza`);
        const broken = await makeStanza(this.runner, revision);
        if (broken !== undefined) return broken;
        this.meanwhile.activity(`configuration ${name}: checking that WAL reaches the repository`);
        const checked = await this.runner.run(revision, "check", ["check"]);
        if (!checked.ok) return checked.reason;
        this.rememberPlace(revision);
        const problem = await this.plan.make(revision);
        if (problem === undefined) this.journal.remember(repository.name, { archiving: name, away: "" });
        return problem;
    }

    /** From now on all WAL goes there. What is there when the service knows of no place yet is believed, in all of them. */
    private rememberPlace({ repository, repositories, stanza }: OfOne): void {
        const { state } = this.journal;
        const places = state.begun ? [repository] : repositories;
        const memories = rememberPlaces(state, places, stanza, this.world.now());
        this.journal.change({ begun: true, repositories: { ...state.repositories, ...memories } });
    }
}
