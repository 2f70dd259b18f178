// The names of results, for errors that a program can tell apart. One text, since a module in flash leaves its texts there.

/** `connect` was called while an earlier one is still under way. */
export const BUSY = -200;
/** Characters from the modem were lost before they could be read: FIFO_FULL of E.getErrorFlags(). */
export const FIFO_FULL = -201;

const NAMES =
	",-1:NOT_STARTED,-2:ABORTED,-3:OUT_OF_TIME,-4:SWITCHED_OFF,-10:MODEM_SILENT,-11:COMMAND_TIMEOUT,-12:COMMAND_ERROR,-13:CME_ERROR," +
	"-14:ANSWER_DAMAGED,-15:ANSWER_MISSING,-16:MODEM_RESTARTED,-17:MODEM_OFFLINE,-18:SUPPLY_FAILED,-19:MODEM_IN_USE,-20:SIM_ABSENT,-21:SIM_PIN_REQUIRED," +
	"-22:SIM_PUK_REQUIRED,-23:SIM_FAILURE,-24:SIM_BUSY,-25:SIM_WRONG,-26:SIM_LOCKED,-30:NO_CHANNEL,-31:CHANNEL_INVALID," +
	"-32:CHANNEL_LOST,-33:CARD_BUSY,-34:SECURITY_STATUS,-35:NOT_FOUND,-36:RECORD_NOT_FOUND,-37:FILE_UNUSABLE," +
	"-38:OFFSET_BEYOND_END,-39:CARD_REFUSED,-40:ANSWER_TOO_LONG,-41:NO_PROGRESS,-42:RECEIVER_TOO_SMALL," +
	"-45:NO_APPLICATION,-46:NO_OBJECT,-47:DIRECTORY_MALFORMED,-48:DIRECTORY_TOO_LARGE,-49:PATH_INVALID," +
	"-50:FILE_MISSING,-60:NO_DATA,-61:FILE_TOO_LARGE,-62:FILE_TRUNCATED,-63:FILE_UNSTABLE,-64:FILE_MALFORMED," +
	"-65:OBJECT_MALFORMED,-66:TLV_TRUNCATED,-67:TLV_MISPLACED,-68:FILE_CHANGED,-70:PIN_WRONG,-71:PIN_BLOCKED,-72:PIN_TRIES_TOO_FEW,-73:PIN_UNKNOWN,-74:PIN_REFUSED_BEFORE,-75:PIN_UNCERTAIN,-200:BUSY,-201:FIFO_FULL,";

/** The name of an error; its number for one that has none here. */
export function nameOf(code: number): string {
	const key = "," + code + ":";
	const at = NAMES.indexOf(key);
	if (at < 0) return "" + code;
	const from = at + key.length;
	return NAMES.substring(from, NAMES.indexOf(",", from));
}
