// Which build a module is of. Modules share objects whose members have short names, and these are other ones in another build.

/** Put in by the build. */
export const BUILD = "BUILD";
