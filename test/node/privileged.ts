/** The remedy for all that a container may not do by default. */
export const privileged = 'if this is a container, start it with `docker run --privileged` or its like';
