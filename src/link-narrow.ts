// A link over a modem whose command lines are short (V.250, 5.2.1 asks for no more than 40 characters): a command that does not fit is
// not sent, and answered as a card answers one of a wrong length. The UICC layer then finds a shorter way to say it.

import { OK } from "./codes.js";
import type { Link } from "./link.js";
import type { Response } from "./response.js";

const SW_WRONG_LENGTH = 0x6700;

export class NarrowLink implements Link {
	readonly manner: number;
	private readonly link: Link;
	private readonly most: number;
	private refused: boolean;

	/** @param most the longest command, in bytes */
	constructor(link: Link, most: number) {
		this.manner = link.manner;
		this.link = link;
		this.most = most;
		this.refused = false;
	}

	get wakeAt(): number {
		return this.link.wakeAt;
	}

	transmit(command: Uint8Array, length: number, response: Response): void {
		this.refused = length > this.most;
		if (this.refused) response.sw = SW_WRONG_LENGTH;
		else this.link.transmit(command, length, response);
	}

	poll(now: number): number {
		return this.refused ? OK : this.link.poll(now);
	}

	cancel(): void {
		this.refused = false;
		this.link.cancel();
	}

	distrust(): void {
		this.link.distrust();
	}
}
