// The application of the tests of main.ts: notes what it was told, allocating nothing.

export const BUFFER_BYTES = 1024;
export const REMEMBER = JSON.parse(argv[0]).remember === true;

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
	life: undefined,
	simstrap: null,
};

export function onStart(stop) {
	told.stop = stop;
}

export function onBootstrapped(accounts, simstrap) {
	told.bootstrapped += 1;
	told.code = simstrap.life === undefined || simstrap.life.verified ? 0 : 2;
	told.file = simstrap.bootstrap.file;
	told.life = simstrap.life;
	told.simstrap = simstrap;
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
