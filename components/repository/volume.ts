import { text } from "../fields";

/** An existing Docker volume. */
export const volumeName = text(
    "the name of a Docker volume, as docker volume ls shows it",
    /^[A-Za-z0-9][A-Za-z0-9_.-]+$/,
);
