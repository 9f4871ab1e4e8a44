import { text } from "../fields";

/** The user's name of a repository; parts of other systems' names derive from it. */
export const repositoryName = text(
    "a name: lower case letters, digits and -, starting with a letter, at most 32",
    /^[a-z][a-z0-9-]{0,31}$/,
);
