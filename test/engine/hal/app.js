// The application of the tests of main.ts: notes what it was told, allocating nothing.

export const BUFFER_BYTES = 1024;

export const told = {
	stop: null,
	accounts: 0,
	usable: 0,
	bootstrapped: 0,
	failures: 0,
	code: 1,
	step: -1,
	again: false,
	closes: false,
	wiped: false,
	file: null,
};

export function onStart(stop) {
	told.stop = stop;
}

export function onBootstrapped(accounts, simstrap) {
	told.bootstrapped += 1;
	told.code = 0;
	told.file = simstrap.bootstrap.file;
	accounts.begin();
	while (accounts.next()) {
		told.accounts += 1;
		if (accounts.fault === 0) told.usable += 1;
	}
	if (told.closes) simstrap.close();
}

export function onFailed(code, step) {
	told.failures += 1;
	told.code = code;
	told.step = step;
	return told.again;
}
