// +CME ERROR codes and their verbose texts, 3GPP TS 27.007 clause 9.2.

export const CME_NOT_ALLOWED = 3;
export const CME_NOT_SUPPORTED = 4;
export const CME_SIM_NOT_INSERTED = 10;
export const CME_SIM_PIN_REQUIRED = 11;
export const CME_SIM_PUK_REQUIRED = 12;
export const CME_SIM_FAILURE = 13;
export const CME_SIM_BUSY = 14;
export const CME_INCORRECT_PASSWORD = 16;
export const CME_MEMORY_FULL = 20;
export const CME_NOT_FOUND = 22;
export const CME_INCORRECT_PARAMETERS = 50;

export function cmeText(code: number): string {
	switch (code) {
		case 0:
			return "phone failure";
		case 1:
			return "no connection to phone";
		case 2:
			return "phone-adaptor link reserved";
		case 3:
			return "operation not allowed";
		case 4:
			return "operation not supported";
		case 10:
			return "SIM not inserted";
		case 11:
			return "SIM PIN required";
		case 12:
			return "SIM PUK required";
		case 13:
			return "SIM failure";
		case 14:
			return "SIM busy";
		case 15:
			return "SIM wrong";
		case 16:
			return "incorrect password";
		case 20:
			return "memory full";
		case 21:
			return "invalid index";
		case 22:
			return "not found";
		case 23:
			return "memory failure";
		case 30:
			return "no network service";
		case 31:
			return "network timeout";
		case 50:
			return "incorrect parameters";
		case 60:
			return "system failure";
		default:
			return "unknown";
	}
}
