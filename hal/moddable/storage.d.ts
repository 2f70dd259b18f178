// What @moddable/typings lacks of the SDK's key-value storage (ECMA-419, "Storage").

declare module "embedded:storage/key-value" {
	interface KeyValue {
		read(key: string): ArrayBuffer | undefined;
		read(key: string, into: Uint8Array): number | undefined;
		write(key: string, value: ArrayBufferLike | Uint8Array): void;
		delete(key: string): void;
		close(): void;
	}
	const keyValue: {
		open(options: { path: string; mode?: "r" | "r+"; format?: "buffer" }): KeyValue;
	};
	export default keyValue;
}
