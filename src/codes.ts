// What the core answers. Every result is one of these numbers: 0 and 1 for "done" and "not yet", negative numbers for errors,
// a decade or two for each layer. The meaning of a number never changes; sentences for people live in cli/messages.ts.

/** Done. */
export const OK = 0;
/** Not yet: call poll again when `receive` answered true or `wakeAt` is due. */
export const WAIT = 1;

// -1 … -9: the caller and the clock
/** poll was called though nothing had been started. */
export const NOT_STARTED = -1;
/** The application called abort. */
export const ABORTED = -2;
/** The limit for the whole procedure is over. */
export const OUT_OF_TIME = -3;
/** SIM bootstrap is switched off. */
export const SWITCHED_OFF = -4;

// -10 … -19: the modem
/** Nothing answered ATE0V1. */
export const MODEM_SILENT = -10;
/** A command got no final result within its limit. */
export const COMMAND_TIMEOUT = -11;
/** ERROR, without a reason. */
export const COMMAND_ERROR = -12;
/** +CME ERROR; the number is in `cme`. */
export const CME_ERROR = -13;
/** The answer's length does not match its digits, or something else than digits was in it. */
export const ANSWER_DAMAGED = -14;
/** OK without the answer that the command asks for. */
export const ANSWER_MISSING = -15;
/** The modem restarted in the middle. */
export const MODEM_RESTARTED = -16;
/** +CFUN is 0 or 4, and so the modem does not reach its SIM. */
export const MODEM_OFFLINE = -17;
/** The chip that feeds the modem could not be set. */
export const SUPPLY_FAILED = -18;
/** The application uses the modem: its own command is pending, or the line carries data and nothing else. */
export const MODEM_IN_USE = -19;

// -20 … -29: the SIM as the modem reports it
export const SIM_ABSENT = -20;
export const SIM_PIN_REQUIRED = -21;
export const SIM_PUK_REQUIRED = -22;
export const SIM_FAILURE = -23;
export const SIM_BUSY = -24;
export const SIM_WRONG = -25;
/** +CPIN? answers something else than READY, SIM PIN or SIM PUK: a lock to a network or a phone. */
export const SIM_LOCKED = -26;

// -30 … -44: the card, through status words; the word is in `sw`
/** MANAGE CHANNEL was refused: no logical channel is free, or the card has none. */
export const NO_CHANNEL = -30;
/** MANAGE CHANNEL answered something else than one channel number from 1 to 19. */
export const CHANNEL_INVALID = -31;
/** 6881: the channel is not open any more. */
export const CHANNEL_LOST = -32;
/** 9300: the card's toolkit stayed busy. */
export const CARD_BUSY = -33;
/** 6982, 6989: a PIN or a secure channel is needed. */
export const SECURITY_STATUS = -34;
/** 6A82, 9404: no such file or application. */
export const NOT_FOUND = -35;
/** 6A83: no such record. */
export const RECORD_NOT_FOUND = -36;
/** 6283, 6284, 6981, 6986: there, but not readable as it is. */
export const FILE_UNUSABLE = -37;
/** 6B00: beyond the end of the file. */
export const OFFSET_BEYOND_END = -38;
/** Any other status word that is not success. */
export const CARD_REFUSED = -39;
/** More data than was asked for. */
export const ANSWER_TOO_LONG = -40;
/** 6Cxx or 61xx again and again, or success with no data: the card makes no progress. */
export const NO_PROGRESS = -41;
/** The answer would not fit what the receiver can hold. */
export const RECEIVER_TOO_SMALL = -42;

// -45 … -59: the PKCS #15 directory
/** Neither the well-known PKCS #15 application nor one in EF(DIR). */
export const NO_APPLICATION = -45;
/** A PKCS #15 application, but no object with the OID of the bootstrap file. */
export const NO_OBJECT = -46;
/** EF(ODF) or EF(DODF) is not BER-TLV, and nothing usable was in it. */
export const DIRECTORY_MALFORMED = -47;
/** EF(ODF) and EF(DODF) do not fit the buffer. */
export const DIRECTORY_TOO_LARGE = -48;
/** The path of the file has an odd length, or is longer than is taken. */
export const PATH_INVALID = -49;
/** The directory names a file that the card does not have. */
export const FILE_MISSING = -50;

// -60 … -69: EF(LwM2M_Bootstrap); where in the file is in `errorOffset`
/** The file was never written (all FF or 00), or holds no object. */
export const NO_DATA = -60;
/** The file needs a larger buffer; the size is in `needed`. */
export const FILE_TOO_LARGE = -61;
/** The file on the card ends before its own size says. */
export const FILE_TRUNCATED = -62;
/** Two reads of the same file differ. */
export const FILE_UNSTABLE = -63;
/** The header's `size` does not match its objects, or `number_of_objects` is not their number. */
export const FILE_MALFORMED = -64;
/** An object is longer than what is left of the file. */
export const OBJECT_MALFORMED = -65;
/** A TLV is longer than what holds it. */
export const TLV_TRUNCATED = -66;
/** A TLV of a kind that cannot stand where it stands. */
export const TLV_MISPLACED = -67;
/** The file on the card is not the one that it was compared with. */
export const FILE_CHANGED = -68;

// -80 … -90: the secure channel between the card and the device (Appendix H, SCP03); the word of a refusal is in `sw`
/** 6D00: the application does not know INITIALIZE UPDATE. */
export const SECURE_UNKNOWN = -80;
/** 6E00, 6881 or 6882: it takes no such command on this logical channel. */
export const SECURE_UNSUPPORTED = -81;
/** 6A88: the card has no keys with this version number. Or `close` has wiped those that we had. */
export const SECURE_NO_KEYS = -82;
/** 6982: the card refuses to authenticate; its keys may be blocked. */
export const SECURE_DENIED = -83;
/** Another status word to INITIALIZE UPDATE or an answer that is none: another length, protocol or key version number. */
export const SECURE_ANSWER = -84;
/** The card does not protect its answers: its parameter i lacks R-MAC or R-ENC. */
export const SECURE_LEVEL = -85;
/** The card's cryptogram is wrong: it is not our card, or these are not its keys. Never tried twice. */
export const SECURE_KEYS_WRONG = -86;
/** EXTERNAL AUTHENTICATE was refused; with 6300 the card found our cryptogram wrong. Never tried twice. */
export const SECURE_HOST_REFUSED = -87;
/** Nothing was sent, since these keys were found wrong before. */
export const SECURE_KEYS_BLOCKED = -88;
/** There is no session where one is required: the application has no AID that could be authenticated. */
export const SECURE_REQUIRED = -89;
/** An answer whose protection is wrong or missing: changed, replayed, cut or from elsewhere. The session is over, nothing of it was used. */
export const SECURE_BROKEN = -90;

// -70 … -79: a file that needs a PIN
/** The card refused the PIN; it is not tried again. */
export const PIN_WRONG = -70;
/** No try is left. */
export const PIN_BLOCKED = -71;
/** So few tries are left, or an unknown number, that a wrong PIN could be the last. */
export const PIN_TRIES_TOO_FEW = -72;
/** The card does not say which PIN the file needs, or it is not a user's. */
export const PIN_UNKNOWN = -73;
/** This PIN was refused before, and the same card is there. */
export const PIN_REFUSED_BEFORE = -74;
/** The answer to VERIFY or AT+CPIN got lost: nobody knows whether it took a try, and so it is not sent again. */
export const PIN_UNCERTAIN = -75;

// -91 … -99: the record that is kept between boots
/** There is no record to compare the card with. */
export const RECORD_MISSING = -91;
/** There is one, but it is damaged, or too large for the buffer. */
export const RECORD_DAMAGED = -92;
/** There is one, but a later version of this program has written it. */
export const RECORD_FUTURE = -93;
/** The store has not taken it: it is full or does not work. */
export const RECORD_NOT_KEPT = -94;
