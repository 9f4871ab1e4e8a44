/** Whose pgBackRest the image gets that is built: Debian testing's, or Debian stable's. */
export const RELEASES = ["newest", "stable"] as const;

export type Release = (typeof RELEASES)[number];

/** How the description of an image ends that has Debian stable's pgBackRest; no name of an image does. */
export const STABLE = " with Debian stable's pgBackRest";
