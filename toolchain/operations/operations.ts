import { backup } from "./backup";
import { drillList, drillRun, drillShow } from "./drill";
import { escrow, escrowCheck } from "./escrow";
import { expire } from "./expire";
import { history } from "./history";
import { info } from "./info";
import { alerts, dashboardOf } from "./monitoring";
import type { Operation } from "./operation";
import { notifyTest, silence } from "./notify";
import { packages } from "./packages";
import { report } from "./report";
import { restore, restoreAbandon, restoreLater, restorePlan, restorePromote } from "./restore";
import { restorePoint } from "./restorePoint";
import { status } from "./status";
import { configuration } from "./verify";
import { verify } from "./verifyRepository";
import { volumes, volumesDrop } from "./volumes";

/** All that `npm run ops` can do, in the order of its help. A new one is added here. */
export const OPERATIONS: readonly Operation[] = [
    status,
    report,
    info,
    backup,
    verify,
    expire,
    restorePoint,
    restorePlan,
    restore,
    restorePromote,
    restoreLater,
    restoreAbandon,
    drillRun,
    drillList,
    drillShow,
    notifyTest,
    silence,
    history,
    alerts,
    dashboardOf,
    volumes,
    volumesDrop,
    configuration,
    packages,
    escrow,
    escrowCheck,
];
