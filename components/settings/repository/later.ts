import * as v from "valibot";

/** A kind that the program does not make yet. */
export function later<const T extends string>(type: T) {
    return v.pipe(
        v.looseObject({ type: v.literal(type) }),
        v.rawTransform<{ type: T }, never>(({ addIssue, NEVER }) => {
            addIssue({ message: `type ${type} is not supported yet: posix or none` });
            return NEVER;
        }),
    );
}
