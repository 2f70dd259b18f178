// The steps of the whole procedure, as results name them: where something failed.

export const STEP_NONE = 0;
/** ATE0V1 and AT+CMEE=1. */
export const STEP_MODEM = 1;
/** AT+CPIN?. */
export const STEP_SIM = 2;
/** MANAGE CHANNEL, open. */
export const STEP_CHANNEL = 3;
/** SELECT of the PKCS #15 application. */
export const STEP_APPLICATION = 4;
/** EF(DIR). */
export const STEP_DIR = 5;
/** EF(ODF). */
export const STEP_ODF = 6;
/** EF(DODF). */
export const STEP_DODF = 7;
/** SELECT of EF(LwM2M_Bootstrap). */
export const STEP_SELECT = 8;
/** READ BINARY of EF(LwM2M_Bootstrap). */
export const STEP_READ = 9;
/** The second read, in comparison with the first. */
export const STEP_CONFIRM = 10;
/** The check of its structure. */
export const STEP_CHECK = 11;
/** MANAGE CHANNEL, close. */
export const STEP_CLOSE = 12;
/** The pins and supplies of the board, until the modem answers AT. */
export const STEP_POWER = 13;
/** VERIFY PIN, for a file that needs one. */
export const STEP_PIN = 14;
