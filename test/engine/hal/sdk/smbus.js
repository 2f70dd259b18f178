// The SDK's smbus module: what the world next to it has.
export { Registers as default } from "./world.js";
