import { MONITORING_ROLE } from "../monitoring/serving";

/** pg_hba.conf: who may connect, from where, and how they prove who they are. */
export function renderHba(tls: boolean): string {
    const lines = [
        "# Made by Pulumi. The superuser, the backup role and that of metrics: over the socket only, by the operating system's user, no password.",
        "local   all       postgres              peer",
        "local   postgres  pgbackrest            peer map=pgbackrest",
        "local   all       pgbackrest            reject",
        "host    all       postgres    all       reject",
        "host    all       pgbackrest  all       reject",
        `local   all       ${MONITORING_ROLE} peer map=pgbackrest`,
        `host    all       ${MONITORING_ROLE} all reject`,
        "",
        "# Applications: by password.",
        "local   all       all                   scram-sha-256",
        // No exception for the containers' own network: a client that comes through Docker's proxy has an address of it too.
        `${tls ? "hostssl" : "host   "} all       all         all       scram-sha-256`,
    ];
    return `${lines.join("\n")}\n`;
}

/** pg_ident.conf: the operating system's user of the backup service is its roles. */
export function renderIdent(): string {
    const roles = ["pgbackrest", MONITORING_ROLE].map((role) => `pgbackrest postgres ${role}\n`);
    return `# Made by Pulumi: map, user of the operating system, role.\n${roles.join("")}`;
}
