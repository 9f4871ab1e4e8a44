import type { Letter } from "../../components/notify/message";
import type { Email } from "../../components/notify/wish";
import type { Answer, Circumstances } from "./post";
import { type Report, reportText } from "./report";

/** Loaded only where somebody gets mail. Without TLS nothing is sent. */
export async function sendEmail(
    { host, port, security, user, password, from, to }: Email,
    letter: Letter,
    { ca, patience }: Circumstances,
    report?: Report,
): Promise<Answer> {
    const { createTransport } = await import("nodemailer");
    const transport = createTransport({
        ...{ host, port, secure: security === "tls", requireTLS: true },
        ...(user === undefined || password === undefined ? {} : { auth: { user, pass: password } }),
        tls: { minVersion: "TLSv1.2", ...(ca === undefined ? {} : { ca }) },
        ...{ connectionTimeout: patience, greetingTimeout: patience, socketTimeout: patience },
        ...{ disableFileAccess: true, disableUrlAccess: true },
    });
    try {
        const { response, rejected } = await transport.sendMail({
            ...{ from, to: [...to], subject: letter.title },
            text: `${letter.text}\n${report === undefined ? "" : `\n${reportText(report)}\n`}`,
            attachments:
                report === undefined || !("html" in report)
                    ? []
                    : [
                          {
                              filename: `report-${letter.stack}.html`,
                              content: report.html,
                              contentType: "text/html; charset=utf-8",
                          },
                      ],
            // Mail programs answer none of it by themselves, and know one that comes twice.
            headers: { "Auto-Submitted": "auto-generated", "X-Pgbackrest-Event": letter.event },
            messageId: `<${letter.id}.${letter.name}.${letter.stack}@${from.split("@")[1] ?? "localhost"}>`,
        });
        const refused = rejected.map(String).join(", ");
        return { ok: refused === "", text: refused === "" ? response : `refused: ${refused}` };
    } catch (error) {
        return { ok: false, text: error instanceof Error ? error.message : String(error) };
    } finally {
        transport.close();
    }
}
